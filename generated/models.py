"""Server types, generated from the contract by scripts/generate."""

from __future__ import annotations

from msgspec import Struct, UNSET, UnsetType, field
from typing import Any, Literal, TypeAlias
from enum import StrEnum
from datetime import datetime


class ProjectCreated(Struct, kw_only=True):
    """
    A project was opened.
    """

    name: str


class ProjectUpdated(Struct, kw_only=True):
    """
    A project's name or description changed.
    """

    fields: list[str]


class ProjectArchived(Struct, kw_only=True):
    """
    A project was archived.
    """

    name: str


class QuestionsAsked(Struct, kw_only=True):
    """
    Questions were generated.
    """

    count: int


class AnswersSubmitted(Struct, kw_only=True):
    """
    Questions were answered.
    """

    count: int


class SpecGenerated(Struct, kw_only=True):
    """
    A version of the spec was written.
    """

    version: int


class SpecApproved(Struct, kw_only=True):
    """
    The spec was approved.
    """

    version: int


class RunPlanned(Struct, kw_only=True):
    """
    The work was cut into tasks.
    """

    tasks: list[str]
    merge_order: list[str] = field(name="mergeOrder")


class RunAdvanced(Struct, kw_only=True):
    """
    The run entered its next phase.
    """

    status: str


class RunSignalled(Struct, kw_only=True):
    """
    A signal was sent to the run.
    """

    name: str


class TaskMapped(Struct, kw_only=True):
    """
    A map began; each item of its list is a task now.
    """

    slug: str
    items: int


class TaskAnswered(Struct, kw_only=True):
    """
    Someone answered a task that waited for it.
    """

    slug: str
    by: str


class FileCreated(Struct, kw_only=True):
    """
    A task wrote a new file.
    """

    path: str
    size: int


class FileModified(Struct, kw_only=True):
    """
    A task changed a file.
    """

    path: str
    size: int


class FileDeleted(Struct, kw_only=True):
    """
    A task removed a file.
    """

    path: str


class CheckCompleted(Struct, kw_only=True):
    """
    A check of the built application ended.
    """

    name: str
    passed: bool
    duration_ms: int = field(name="durationMs")


class JobProgressed(Struct, kw_only=True):
    """
    A worker said how far a job is.
    """

    percent: float
    message: str | UnsetType = UNSET


class JobReleased(Struct, kw_only=True):
    """
    A worker handed a job back without having done it; the attempt does not count.
    """

    attempt: int


class AgentJobInput(Struct, kw_only=True):
    """
    A question to the model of the installation.
    """

    prompt: str
    system: str | UnsetType = UNSET
    answer_schema: dict[str, Any] | UnsetType = field(name="answerSchema", default=UNSET)
    max_output_tokens: int | UnsetType = field(name="maxOutputTokens", default=UNSET)


class CommandJobInput(Struct, kw_only=True):
    """
    A program that runs in the sandbox, without network, in an empty folder that is deleted afterwards. Only programs that the installation names in `PRAZIUM_JOB_COMMANDS` are run.
    """

    command: list[str]
    stdin: str | UnsetType = UNSET
    env: dict[str, str] | UnsetType = UNSET
    timeout_seconds: int | UnsetType = field(name="timeoutSeconds", default=60)


class CommandJobResult(Struct, kw_only=True):
    """
    What the program did.
    """

    exit_code: int = field(name="exitCode")
    stdout: str
    stderr: str
    truncated: bool
    duration_ms: int = field(name="durationMs")


class ProjectStatus(StrEnum):
    """
    Where the project stands (see docs/state-machines.md).
    """

    draft = "draft"
    clarifying = "clarifying"
    spec_review = "spec_review"
    approved = "approved"
    building = "building"
    completed = "completed"
    failed = "failed"
    archived = "archived"


class RunStatus(StrEnum):
    """
    Where the run stands (see docs/state-machines.md).
    """

    decomposing = "decomposing"
    executing = "executing"
    merging = "merging"
    verifying = "verifying"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class LatestRun(Struct, kw_only=True):
    """
    The newest run of a project.
    """

    id: str
    run_number: int = field(name="runNumber")
    status: RunStatus


class ProjectSummary(Struct, kw_only=True):
    """
    A project in a list.
    """

    id: str
    name: str
    status: ProjectStatus
    created_at: datetime = field(name="createdAt")
    updated_at: datetime = field(name="updatedAt")
    latest_run: LatestRun | UnsetType = field(name="latestRun", default=UNSET)


class Pagination(Struct, kw_only=True):
    """
    Where a page stands in the whole list.
    """

    page: int
    page_size: int = field(name="pageSize")
    total: int
    total_pages: int = field(name="totalPages")


class ErrorCode(StrEnum):
    """
    What went wrong, for programs. There may be more one day; take an unknown one by its status.
    """

    validation_error = "VALIDATION_ERROR"
    unauthorized = "UNAUTHORIZED"
    forbidden = "FORBIDDEN"
    not_found = "NOT_FOUND"
    method_not_allowed = "METHOD_NOT_ALLOWED"
    request_timeout = "REQUEST_TIMEOUT"
    conflict = "CONFLICT"
    lease_lost = "LEASE_LOST"
    idempotency_in_flight = "IDEMPOTENCY_IN_FLIGHT"
    idempotency_key_reused = "IDEMPOTENCY_KEY_REUSED"
    gone = "GONE"
    precondition_failed = "PRECONDITION_FAILED"
    payload_too_large = "PAYLOAD_TOO_LARGE"
    uri_too_long = "URI_TOO_LONG"
    headers_too_large = "HEADERS_TOO_LARGE"
    unsupported_media_type = "UNSUPPORTED_MEDIA_TYPE"
    rate_limited = "RATE_LIMITED"
    internal_error = "INTERNAL_ERROR"
    service_unavailable = "SERVICE_UNAVAILABLE"


class FieldError(Struct, kw_only=True):
    """
    One thing that is wrong with one field.
    """

    field_: str = field(name="field")
    message: str


class StateConflict(Struct, kw_only=True):
    """
    Why the present state forbids the request.
    """

    current_state: str = field(name="currentState")
    allowed_states: list[str] | UnsetType = field(name="allowedStates", default=UNSET)
    id: str | UnsetType = UNSET


class Error(Struct, kw_only=True):
    """
    A failure, for people and for programs.
    """

    code: ErrorCode
    message: str
    request_id: str = field(name="requestId")
    details: list[FieldError] | StateConflict | UnsetType = UNSET


class CreateProject(Struct, kw_only=True):
    """
    What a project starts from.
    """

    name: str
    description: str


class SpecDocuments(Struct, kw_only=True):
    """
    The spec, as four Markdown documents.
    """

    spec_md: str = field(name="SPEC.md")
    acceptance_md: str = field(name="ACCEPTANCE.md")
    routes_md: str = field(name="ROUTES.md")
    data_md: str = field(name="DATA.md")


class Spec(Struct, kw_only=True):
    """
    One version of a project's spec.
    """

    version: int
    documents: SpecDocuments
    feedback: str | UnsetType = UNSET
    created_at: datetime | UnsetType = field(name="createdAt", default=UNSET)
    approved_at: datetime | UnsetType = field(name="approvedAt", default=UNSET)


class Project(Struct, kw_only=True):
    """
    What is to be built, and how far it is.
    """

    id: str
    name: str
    description: str
    status: ProjectStatus
    repo_path: str = field(name="repoPath")
    created_at: datetime = field(name="createdAt")
    updated_at: datetime = field(name="updatedAt")
    spec: Spec | UnsetType = UNSET
    latest_run: LatestRun | UnsetType = field(name="latestRun", default=UNSET)


class ProjectState(Struct, kw_only=True):
    """
    A project's id and state.
    """

    id: str
    status: ProjectStatus


class UpdateProject(Struct, kw_only=True):
    """
    What of a project is to change.
    """

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class QuestionType(StrEnum):
    """
    How a question is answered.
    """

    single_choice = "single_choice"
    multiple_choice = "multiple_choice"
    boolean = "boolean"
    text = "text"


class Question(Struct, kw_only=True):
    """
    What the description leaves open.
    """

    id: str
    question: str
    type: QuestionType
    options: list[str] | UnsetType = UNSET


class Questions(Struct, kw_only=True):
    """
    The questions of a project.
    """

    questions: list[Question]


class AnsweredQuestion(Struct, kw_only=True):
    """
    A question and what was answered to it.
    """

    id: str
    question: str
    type: QuestionType
    options: list[str] | UnsetType = UNSET
    answer: str | bool | list[str] | UnsetType = UNSET


class AnsweredQuestions(Struct, kw_only=True):
    """
    The questions of a project with their answers.
    """

    questions: list[AnsweredQuestion]


class Answer(Struct, kw_only=True):
    """
    The answer to one question.
    """

    question_id: str = field(name="questionId")
    answer: str | bool | list[str]


class SubmitAnswers(Struct, kw_only=True):
    """
    Answers to the open questions.
    """

    answers: list[Answer]


class SpecState(Struct, kw_only=True):
    """
    The project's state and the new version of its spec.
    """

    status: ProjectStatus
    spec: Spec


class ApprovedSpec(Struct, kw_only=True):
    """
    Which version was approved, and when.
    """

    version: int
    approved_at: datetime = field(name="approvedAt")


class Approval(Struct, kw_only=True):
    """
    The project's state and the approved version.
    """

    status: ProjectStatus
    spec: ApprovedSpec


class RegenerateSpec(Struct, kw_only=True):
    """
    What should be different in the next version.
    """

    feedback: str | UnsetType = UNSET


class SpecSummary(Struct, kw_only=True):
    """
    A version of the spec in a list.
    """

    version: int
    created_at: datetime = field(name="createdAt")
    feedback: str | UnsetType = UNSET
    approved_at: datetime | UnsetType = field(name="approvedAt", default=UNSET)


class RunTrigger(StrEnum):
    """
    What started the run.
    """

    manual = "manual"
    retry = "retry"


class AgentName(StrEnum):
    """
    Who does the work.
    """

    scaffold = "scaffold"
    openai = "openai"
    command = "command"


class TasksSummary(Struct, kw_only=True):
    """
    How many tasks there are, and how they stand.
    """

    total: int
    succeeded: int
    failed: int


class RunSummary(Struct, kw_only=True):
    """
    A run in a list.
    """

    id: str
    run_number: int = field(name="runNumber")
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    tasks_summary: TasksSummary = field(name="tasksSummary")
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")


class StartRun(Struct, kw_only=True):
    """
    How the build is to be done.
    """

    trigger: Literal["manual"] | UnsetType = UNSET
    agent: AgentName | UnsetType = UNSET


class NewRun(Struct, kw_only=True):
    """
    A run that has just started.
    """

    id: str
    project_id: str = field(name="projectId")
    run_number: int = field(name="runNumber")
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    created_at: datetime = field(name="createdAt")
    retry_of: str | UnsetType = field(name="retryOf", default=UNSET)


class TaskDefinition(Struct, kw_only=True):
    """
    What a task is to do, and where it may do it.
    """

    id: str
    slug: str
    description: str
    instructions: str
    dependencies: list[str]
    path_scope: list[str] = field(name="pathScope")
    expected_outputs: list[str] = field(name="expectedOutputs")


class Plan(Struct, kw_only=True):
    """
    How the work is cut.
    """

    tasks: list[TaskDefinition]
    merge_order: list[str] = field(name="mergeOrder")


class TaskStatus(StrEnum):
    """
    Where the task stands (see docs/state-machines.md).
    """

    pending = "pending"
    waiting = "waiting"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    skipped = "skipped"
    cancelled = "cancelled"


class TaskState(Struct, kw_only=True):
    """
    A task in its run.
    """

    id: str
    slug: str
    status: TaskStatus
    sequence: int


class SandboxKind(StrEnum):
    """
    What kept the application in.
    """

    bubblewrap = "bubblewrap"
    rlimits = "rlimits"


class VerificationCheck(Struct, kw_only=True):
    """
    One check of the built application, with its evidence.
    """

    name: str
    command: list[str]
    exit_code: int | None = field(name="exitCode")
    duration_ms: int = field(name="durationMs")
    output_tail: str = field(name="outputTail")
    passed: bool


class VerificationResult(Struct, kw_only=True):
    """
    The evidence that the built application works.
    """

    passed: bool
    sandbox: SandboxKind
    commit: str
    checks: list[VerificationCheck]


class Failure(Struct, kw_only=True):
    """
    Why a run, task, job or export failed.
    """

    code: str
    message: str
    files: list[str] | UnsetType = UNSET


class Run(Struct, kw_only=True):
    """
    One build of one spec.
    """

    id: str
    project_id: str = field(name="projectId")
    run_number: int = field(name="runNumber")
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    spec_snapshot: Spec = field(name="specSnapshot")
    tasks_json: Plan | None = field(name="tasksJson")
    tasks: list[TaskState]
    tasks_summary: TasksSummary = field(name="tasksSummary")
    verification_result: VerificationResult | None = field(name="verificationResult")
    error: Failure | None
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")
    retry_of: str | UnsetType = field(name="retryOf", default=UNSET)
    request_id: str | UnsetType = field(name="requestId", default=UNSET)
    trace_id: str | UnsetType = field(name="traceId", default=UNSET)


class RunState(Struct, kw_only=True):
    """
    A run's id and state.
    """

    id: str
    status: RunStatus


class TaskResult(Struct, kw_only=True):
    """
    What a task did.
    """

    files_created: list[str] = field(name="filesCreated")
    files_modified: list[str] = field(name="filesModified")
    files_deleted: list[str] = field(name="filesDeleted")
    commit_sha: str = field(name="commitSha")


class Task(Struct, kw_only=True):
    """
    One step of a run.
    """

    id: str
    kind: str
    slug: str
    status: TaskStatus
    sequence: int
    attempt: int
    definition: TaskDefinition
    branch_name: str | None = field(name="branchName")
    worktree_path: str | None = field(name="worktreePath")
    result: TaskResult | None
    error: Failure | None
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")
    request_id: str | UnsetType = field(name="requestId", default=UNSET)
    trace_id: str | UnsetType = field(name="traceId", default=UNSET)


class EventType(StrEnum):
    """
    What happened. The payload of EVENT_TYPE is the schema EventType. There may be more one day; skip an unknown one.
    """

    project_created = "PROJECT_CREATED"
    project_updated = "PROJECT_UPDATED"
    project_archived = "PROJECT_ARCHIVED"
    questions_asked = "QUESTIONS_ASKED"
    answers_submitted = "ANSWERS_SUBMITTED"
    spec_generated = "SPEC_GENERATED"
    spec_approved = "SPEC_APPROVED"
    run_created = "RUN_CREATED"
    run_planned = "RUN_PLANNED"
    run_advanced = "RUN_ADVANCED"
    run_signalled = "RUN_SIGNALLED"
    run_completed = "RUN_COMPLETED"
    task_started = "TASK_STARTED"
    task_retried = "TASK_RETRIED"
    task_lost = "TASK_LOST"
    task_released = "TASK_RELEASED"
    task_completed = "TASK_COMPLETED"
    task_waiting = "TASK_WAITING"
    task_mapped = "TASK_MAPPED"
    task_answered = "TASK_ANSWERED"
    task_reopened = "TASK_REOPENED"
    file_created = "FILE_CREATED"
    file_modified = "FILE_MODIFIED"
    file_deleted = "FILE_DELETED"
    branch_merged = "BRANCH_MERGED"
    check_completed = "CHECK_COMPLETED"
    export_created = "EXPORT_CREATED"
    export_completed = "EXPORT_COMPLETED"
    job_progressed = "JOB_PROGRESSED"
    job_released = "JOB_RELEASED"
    job_retried = "JOB_RETRIED"
    queue_updated = "QUEUE_UPDATED"
    queue_paused = "QUEUE_PAUSED"
    queue_resumed = "QUEUE_RESUMED"
    queue_deleted = "QUEUE_DELETED"
    schedule_created = "SCHEDULE_CREATED"
    schedule_updated = "SCHEDULE_UPDATED"
    schedule_paused = "SCHEDULE_PAUSED"
    schedule_resumed = "SCHEDULE_RESUMED"
    schedule_skipped = "SCHEDULE_SKIPPED"
    schedule_deleted = "SCHEDULE_DELETED"


class Event(Struct, kw_only=True):
    """
    One thing that happened in a run.
    """

    id: str
    seq: int
    run_id: str = field(name="runId")
    task_id: str | None = field(name="taskId")
    event_type: EventType = field(name="eventType")
    payload: dict[str, Any]
    created_at: datetime = field(name="createdAt")
    request_id: str | UnsetType = field(name="requestId", default=UNSET)
    trace_id: str | UnsetType = field(name="traceId", default=UNSET)


class EventFrame(Struct, kw_only=True):
    """
    One frame of the stream.
    """

    data: str
    id: str | UnsetType = UNSET
    event: str | UnsetType = UNSET


class ExportFormat(StrEnum):
    """
    The archive's format.
    """

    zip = "zip"
    tar_gz = "tar.gz"


class CreateExport(Struct, kw_only=True):
    """
    What is to be packed.
    """

    run_id: str = field(name="runId")
    format: ExportFormat | UnsetType = UNSET


class ExportStatus(StrEnum):
    """
    Where the export stands (see docs/state-machines.md).
    """

    processing = "processing"
    completed = "completed"
    failed = "failed"
    expired = "expired"


class Export(Struct, kw_only=True):
    """
    An archive of what a run built.
    """

    id: str
    run_id: str = field(name="runId")
    status: ExportStatus
    format: ExportFormat
    created_at: datetime = field(name="createdAt")
    expires_at: datetime = field(name="expiresAt")
    file_name: str | UnsetType = field(name="fileName", default=UNSET)
    size_bytes: int | UnsetType = field(name="sizeBytes", default=UNSET)
    sha256: str | UnsetType = UNSET
    download_url: str | UnsetType = field(name="downloadUrl", default=UNSET)
    left_out: list[str] | UnsetType = field(name="leftOut", default=UNSET)
    error: Failure | UnsetType = UNSET


class RefType(StrEnum):
    """
    What a ref is.
    """

    branch = "branch"
    tag = "tag"


class RefEntry(Struct, kw_only=True):
    """
    A branch or a tag.
    """

    name: str
    type: RefType
    commit: str


class FileType(StrEnum):
    """
    What an entry is.
    """

    file = "file"
    directory = "directory"
    symlink = "symlink"


class FileEntry(Struct, kw_only=True):
    """
    An entry of a folder.
    """

    name: str
    type: FileType
    size: int | UnsetType = UNSET


class FileList(Struct, kw_only=True):
    """
    A folder at a ref.
    """

    ref: str
    path: str
    entries: list[FileEntry]
    commit: str | UnsetType = UNSET


class FileEncoding(StrEnum):
    """
    How a content is written.
    """

    utf_8 = "utf-8"
    base64 = "base64"


class FileContent(Struct, kw_only=True):
    """
    A file at a ref.
    """

    path: str
    ref: str
    commit: str
    type: FileType
    content: str
    encoding: FileEncoding
    size: int


FeedCursor: TypeAlias = str


class TenantEvent(Struct, kw_only=True):
    """
    One thing that happened in a tenant.
    """

    id: str
    cursor: str
    project_id: str | None = field(name="projectId")
    run_id: str | None = field(name="runId")
    seq: int | None
    task_id: str | None = field(name="taskId")
    event_type: EventType = field(name="eventType")
    payload: dict[str, Any]
    created_at: datetime = field(name="createdAt")
    request_id: str | UnsetType = field(name="requestId", default=UNSET)
    trace_id: str | UnsetType = field(name="traceId", default=UNSET)


class CursorPagination(Struct, kw_only=True):
    """
    How to go on in a list that is too long to be counted.
    """

    limit: int
    next_cursor: str | None = field(name="nextCursor")
    has_more: bool = field(name="hasMore")


class FeedFrame(Struct, kw_only=True):
    """
    One frame of the stream of all events.
    """

    data: str
    id: str | UnsetType = UNSET
    event: str | UnsetType = UNSET


class JobStatus(StrEnum):
    """
    Where the job stands (see docs/state-machines.md). A job whose time is ahead is queued too.
    """

    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class JobSummary(Struct, kw_only=True):
    """
    A job in a list.
    """

    id: str
    kind: str
    queue: str
    priority: int
    status: JobStatus
    attempt: int
    tags: list[str]
    error: Failure | None
    schedule_id: str | None = field(name="scheduleId")
    run_at: datetime | None = field(name="runAt")
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")


class Concurrency(Struct, kw_only=True):
    """
    How many jobs of the tenant with the same key may run at once, over all queues; of those that have not ended the newest says it. A job counts from when it could begin; the others are parked and follow by priority and age.
    """

    key: str
    limit: int


class Backoff(StrEnum):
    """
    How the pauses between attempts grow.
    """

    exponential = "exponential"
    linear = "linear"
    constant = "constant"


class RetryPolicy(Struct, kw_only=True):
    """
    How often and when a failed attempt is followed by another.
    """

    max_attempts: int | UnsetType = field(name="maxAttempts", default=3)
    backoff: Backoff | UnsetType = Backoff.exponential
    base_seconds: float | UnsetType = field(name="baseSeconds", default=1)
    cap_seconds: float | UnsetType = field(name="capSeconds", default=600)
    jitter: bool | UnsetType = True
    non_retryable: list[str] | UnsetType = field(name="nonRetryable", default=UNSET)


class Replay(StrEnum):
    """
    What follows the loss of a worker: another attempt (safe), the failure of the job (never), or the failure for someone to retry (ask).
    """

    safe = "safe"
    never = "never"
    ask = "ask"


class NewJob(Struct, kw_only=True):
    """
    What is to be done, and how.
    """

    kind: str
    input: dict[str, Any] | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    run_at: datetime | UnsetType = field(name="runAt", default=UNSET)
    delay_seconds: int | UnsetType = field(name="delaySeconds", default=UNSET)
    dedupe_key: str | UnsetType = field(name="dedupeKey", default=UNSET)
    concurrency: Concurrency | UnsetType = UNSET
    timeout_seconds: int | UnsetType = field(name="timeoutSeconds", default=UNSET)
    queue_timeout_seconds: int | UnsetType = field(name="queueTimeoutSeconds", default=UNSET)
    deadline: datetime | UnsetType = UNSET
    retry: RetryPolicy | UnsetType = UNSET
    replay: Replay | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType = UNSET
    max_cost_msat: int | UnsetType = field(name="maxCostMsat", default=UNSET)


class CreatedJob(Struct, kw_only=True):
    """
    A job that was asked for.
    """

    id: str
    status: JobStatus
    deduplicated: bool
    created_at: datetime = field(name="createdAt")


class NewJobs(Struct, kw_only=True):
    """
    Jobs to be created together.
    """

    jobs: list[NewJob]


class ItemError(Struct, kw_only=True):
    """
    Why one item of many was refused.
    """

    code: ErrorCode
    message: str
    details: list[FieldError] | UnsetType = UNSET


class CreatedItem(Struct, kw_only=True):
    """
    What became of one job of many.
    """

    index: int
    job: CreatedJob | None
    error: ItemError | None


class CreatedJobs(Struct, kw_only=True):
    """
    What became of jobs that were to be created together.
    """

    created: int
    deduplicated: int
    refused: int
    items: list[CreatedItem]


class JobFilter(Struct, kw_only=True):
    """
    Which jobs; all of what is given must fit, and something must be given.
    """

    job_ids: list[str] | UnsetType = field(name="jobIds", default=UNSET)
    status: JobStatus | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    schedule_id: str | UnsetType = field(name="scheduleId", default=UNSET)
    created_after: datetime | UnsetType = field(name="createdAfter", default=UNSET)
    created_before: datetime | UnsetType = field(name="createdBefore", default=UNSET)


class ChangeJobs(Struct, kw_only=True):
    """
    Jobs that are to be changed together.
    """

    filter: JobFilter
    limit: int | UnsetType = 10000


class ChangedJobs(Struct, kw_only=True):
    """
    What a change of many jobs did.
    """

    matched: int
    changed: int
    more: bool


class Progress(Struct, kw_only=True):
    """
    How far the work is, in the worker's words.
    """

    percent: float
    message: str | UnsetType = UNSET


class Job(Struct, kw_only=True):
    """
    One thing to be done, and how far it is.
    """

    id: str
    kind: str
    input: dict[str, Any]
    queue: str
    priority: int
    status: JobStatus
    attempt: int
    retry: RetryPolicy
    replay: Replay
    run_at: datetime | None = field(name="runAt")
    dedupe_key: str | None = field(name="dedupeKey")
    concurrency: Concurrency | None
    timeout_seconds: int | None = field(name="timeoutSeconds")
    queue_timeout_seconds: int | None = field(name="queueTimeoutSeconds")
    deadline: datetime | None
    tags: list[str]
    metadata: dict[str, str]
    max_cost_msat: int | None = field(name="maxCostMsat")
    cost_msat: int = field(name="costMsat")
    progress: Progress | None
    result: Any
    result_size: int | None = field(name="resultSize")
    error: Failure | None
    next_attempt_at: datetime | None = field(name="nextAttemptAt")
    worker_id: str | None = field(name="workerId")
    schedule_id: str | None = field(name="scheduleId")
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")
    request_id: str | UnsetType = field(name="requestId", default=UNSET)
    trace_id: str | UnsetType = field(name="traceId", default=UNSET)


class JobState(Struct, kw_only=True):
    """
    A job's id and state.
    """

    id: str
    status: JobStatus


class LogLevel(StrEnum):
    """
    How serious a line is.
    """

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


class LogLine(Struct, kw_only=True):
    """
    One line of a job's log.
    """

    seq: int
    attempt: int
    level: LogLevel
    message: str
    at: datetime


class RateLimit(Struct, kw_only=True):
    """
    How many jobs may begin in any period of this length.
    """

    limit: int
    period_seconds: int = field(name="periodSeconds")


class QueueCounts(Struct, kw_only=True):
    """
    How many jobs of a queue stand where. Counting ends at 10000, in a list of queues at 1000; that number means so many or more.
    """

    ready: int
    delayed: int
    running: int
    parked: int
    failed: int


class Queue(Struct, kw_only=True):
    """
    A queue of the tenant.
    """

    name: str
    paused: bool
    concurrency: int | None
    rate_limit: RateLimit | None = field(name="rateLimit")
    counts: QueueCounts
    oldest_ready_at: datetime | None = field(name="oldestReadyAt")
    created_at: datetime = field(name="createdAt")
    updated_at: datetime = field(name="updatedAt")


class UpdateQueue(Struct, kw_only=True):
    """
    What of a queue is to change.
    """

    concurrency: int | None | UnsetType = UNSET
    rate_limit: RateLimit | None | UnsetType = field(name="rateLimit", default=UNSET)


class GraphStatus(StrEnum):
    """
    Where the graph stands (see docs/state-machines.md).
    """

    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class GraphSummary(Struct, kw_only=True):
    """
    A graph in a list.
    """

    id: str
    name: str | None
    status: GraphStatus
    open_tasks: int = field(name="openTasks")
    error: Failure | None
    parent_id: str | None = field(name="parentId")
    rerun_of: str | None = field(name="rerunOf")
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")


class TaskCondition(StrEnum):
    """
    When a task runs: all that it depends on have succeeded, one of them has, or all have ended, however.
    """

    all_succeeded = "all_succeeded"
    any_succeeded = "any_succeeded"
    all_ended = "all_ended"


class GraphMap(Struct, kw_only=True):
    """
    The task is done once for each item of a list; its result is the list of theirs, in order.
    """

    over: Any
    concurrency: int | UnsetType = UNSET


class WaitFor(StrEnum):
    """
    What ends a wait.
    """

    timer = "timer"
    signal = "signal"
    answer = "answer"


class GraphWait(Struct, kw_only=True):
    """
    A task that no worker does; it ends with a time, a signal or an answer.
    """

    for_: WaitFor = field(name="for")
    name: str | UnsetType = UNSET
    seconds: float | UnsetType = UNSET
    until: datetime | UnsetType = UNSET
    answerers: list[str] | UnsetType = UNSET
    otherwise: Any | UnsetType = UNSET
    question: str | UnsetType = UNSET


class NewGraphTask(Struct, kw_only=True):
    """
    A task: a job (`kind`), a wait (`wait`) or a graph in the graph (`graph`), exactly one of them.
    """

    slug: str
    kind: str | UnsetType = UNSET
    input: dict[str, Any] | UnsetType = UNSET
    depends_on: list[str] | UnsetType = field(name="dependsOn", default=UNSET)
    when: TaskCondition | UnsetType = TaskCondition.all_succeeded
    map: GraphMap | UnsetType = UNSET
    wait: GraphWait | UnsetType = UNSET
    graph: dict[str, Any] | UnsetType = UNSET
    retry: RetryPolicy | UnsetType = UNSET
    timeout_seconds: int | UnsetType = field(name="timeoutSeconds", default=UNSET)
    queue: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET


class OnFailure(StrEnum):
    """
    What follows a failure: what does not need the task goes on, or the graph ends.
    """

    continue_ = "continue"
    stop = "stop"


class NewGraph(Struct, kw_only=True):
    """
    What is to be done, and in which order.
    """

    tasks: list[NewGraphTask]
    name: str | UnsetType = UNSET
    on_failure: OnFailure | UnsetType = field(name="onFailure", default=OnFailure.continue_)
    output: Any | UnsetType = UNSET
    dry_run: bool | UnsetType = field(name="dryRun", default=False)


class Action(StrEnum):
    run = "run"
    wait = "wait"
    map = "map"
    graph = "graph"


class PlannedTask(Struct, kw_only=True):
    """
    A task of a plan.
    """

    slug: str
    level: int
    width: int | None
    action: Action


class GraphPlan(Struct, kw_only=True):
    """
    What would be done.
    """

    tasks: list[PlannedTask]
    levels: int
    widest: int


class GraphState(Struct, kw_only=True):
    """
    A graph's id and state.
    """

    id: str
    status: GraphStatus


class GraphTaskState(Struct, kw_only=True):
    """
    A task of a graph, and where it stands.
    """

    id: str
    slug: str
    status: TaskStatus


class Graph(Struct, kw_only=True):
    """
    A graph with the states of its tasks.
    """

    id: str
    name: str | None
    status: GraphStatus
    open_tasks: int = field(name="openTasks")
    error: Failure | None
    parent_id: str | None = field(name="parentId")
    rerun_of: str | None = field(name="rerunOf")
    created_at: datetime = field(name="createdAt")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")
    output: Any
    tasks: list[GraphTaskState]


class GraphTask(Struct, kw_only=True):
    """
    A task of a graph; a job of its own has the id `childId`, as has a graph in the graph.
    """

    id: str
    slug: str
    kind: str
    status: TaskStatus
    when: TaskCondition
    depends_on: list[str] = field(name="dependsOn")
    attempt: int
    result: Any
    result_size: int | None = field(name="resultSize")
    error: Failure | None
    child_id: str | None = field(name="childId")
    started_at: datetime | None = field(name="startedAt")
    completed_at: datetime | None = field(name="completedAt")


class AnswerGraphTask(Struct, kw_only=True):
    """
    An answer.
    """

    answer: Any


class RerunGraph(Struct, kw_only=True):
    """
    Where to begin again.
    """

    from_task: str | UnsetType = field(name="fromTask", default=UNSET)


class SignalGraph(Struct, kw_only=True):
    """
    A signal.
    """

    name: str
    payload: Any | UnsetType = UNSET


class SignalledGraph(Struct, kw_only=True):
    """
    What became of a signal.
    """

    delivered: bool


class CatchUp(StrEnum):
    """
    What becomes of times that passed while nothing could run or the schedule was paused; none, only the last, or all are made up for.
    """

    none = "none"
    one = "one"
    all = "all"


class Overlap(StrEnum):
    """
    Whether a job is created although the last one has not ended. With `skip`, `catchUp` all is as one.
    """

    allow = "allow"
    skip = "skip"


class JobTemplate(Struct, kw_only=True):
    """
    The job that a schedule creates.
    """

    kind: str
    input: dict[str, Any] | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    concurrency: Concurrency | UnsetType = UNSET
    timeout_seconds: int | UnsetType = field(name="timeoutSeconds", default=UNSET)
    queue_timeout_seconds: int | UnsetType = field(name="queueTimeoutSeconds", default=UNSET)
    retry: RetryPolicy | UnsetType = UNSET
    replay: Replay | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType = UNSET
    max_cost_msat: int | UnsetType = field(name="maxCostMsat", default=UNSET)


class Schedule(Struct, kw_only=True):
    """
    A job that is created again and again.
    """

    id: str
    name: str
    cron: str
    time_zone: str = field(name="timeZone")
    catch_up: CatchUp = field(name="catchUp")
    catch_up_limit: int = field(name="catchUpLimit")
    overlap: Overlap
    paused: bool
    job: JobTemplate
    last_run_at: datetime | None = field(name="lastRunAt")
    last_job_id: str | None = field(name="lastJobId")
    next_runs: list[datetime] = field(name="nextRuns")
    created_at: datetime = field(name="createdAt")
    updated_at: datetime = field(name="updatedAt")


class NewSchedule(Struct, kw_only=True):
    """
    What is to be done again and again, and when. Without them, `timeZone` is UTC, `catchUp` one, `catchUpLimit` 100 and `overlap` allow.
    """

    name: str
    cron: str
    job: JobTemplate
    time_zone: str | UnsetType = field(name="timeZone", default=UNSET)
    catch_up: CatchUp | UnsetType = field(name="catchUp", default=UNSET)
    catch_up_limit: int | UnsetType = field(name="catchUpLimit", default=UNSET)
    overlap: Overlap | UnsetType = UNSET
    paused: bool | UnsetType = UNSET


class UpdateSchedule(Struct, kw_only=True):
    """
    What of a schedule is to change.
    """

    name: str | UnsetType = UNSET
    cron: str | UnsetType = UNSET
    time_zone: str | UnsetType = field(name="timeZone", default=UNSET)
    catch_up: CatchUp | UnsetType = field(name="catchUp", default=UNSET)
    catch_up_limit: int | UnsetType = field(name="catchUpLimit", default=UNSET)
    overlap: Overlap | UnsetType = UNSET
    job: JobTemplate | UnsetType = UNSET


class Kind(Struct, kw_only=True):
    """
    A kind of job.
    """

    kind: str
    description: str
    built_in: bool = field(name="builtIn")
    input_schema: dict[str, Any] = field(name="inputSchema")
    result_schema: dict[str, Any] | None = field(name="resultSchema")
    created_at: datetime | None = field(name="createdAt")
    updated_at: datetime | None = field(name="updatedAt")


class RegisterKind(Struct, kw_only=True):
    """
    What a kind is.
    """

    description: str
    input_schema: dict[str, Any] = field(name="inputSchema")
    result_schema: dict[str, Any] | UnsetType = field(name="resultSchema", default=UNSET)


class ClaimJobs(Struct, kw_only=True):
    """
    What a worker can take.
    """

    queues: list[str]
    kinds: list[str]
    worker_id: str | UnsetType = field(name="workerId", default=UNSET)
    name: str | UnsetType = UNSET
    limit: int | UnsetType = 1
    wait_seconds: int | UnsetType = field(name="waitSeconds", default=0)
    lease_seconds: int | UnsetType = field(name="leaseSeconds", default=30)
    holds: list[str] | UnsetType = UNSET


class ClaimedJob(Struct, kw_only=True):
    """
    A job to be done, under a lease.
    """

    job_id: str = field(name="jobId")
    lease_token: int = field(name="leaseToken")
    lease_until: datetime = field(name="leaseUntil")
    kind: str
    queue: str
    input: dict[str, Any]
    attempt: int
    max_attempts: int = field(name="maxAttempts")
    idempotency_token: str = field(name="idempotencyToken")
    timeout_seconds: int | None = field(name="timeoutSeconds")
    deadline: datetime | None
    tags: list[str]
    metadata: dict[str, str]
    traceparent: str | None


class ClaimedJobs(Struct, kw_only=True):
    """
    What a worker is to do.
    """

    worker_id: str = field(name="workerId")
    jobs: list[ClaimedJob]


class JobLease(Struct, kw_only=True):
    """
    The right to work on a job.
    """

    job_id: str = field(name="jobId")
    lease_token: int = field(name="leaseToken")


class ExtendLeases(Struct, kw_only=True):
    """
    What a worker is at.
    """

    worker_id: str = field(name="workerId")
    leases: list[JobLease]
    lease_seconds: int | UnsetType = field(name="leaseSeconds", default=30)


class LeaseState(StrEnum):
    """
    How a lease stands: held, the job was cancelled, or it is lost to another worker or an end.
    """

    held = "held"
    cancelled = "cancelled"
    lost = "lost"


class ExtendedLease(Struct, kw_only=True):
    """
    One lease, and how it stands.
    """

    job_id: str = field(name="jobId")
    state: LeaseState
    lease_until: datetime | None = field(name="leaseUntil")


class ExtendedLeases(Struct, kw_only=True):
    """
    Leases, in the order of the request.
    """

    leases: list[ExtendedLease]


class JobCompletion(Struct, kw_only=True):
    """
    What came of one job.
    """

    job_id: str = field(name="jobId")
    lease_token: int = field(name="leaseToken")
    result: Any | UnsetType = UNSET
    cost_msat: int | UnsetType = field(name="costMsat", default=UNSET)


class CompleteJobs(Struct, kw_only=True):
    """
    What came of many jobs.
    """

    completions: list[JobCompletion]


class CompletionOutcome(StrEnum):
    """
    What became of a completion: recorded (done), its lease is lost (stale), or its result is refused and the lease goes on.
    """

    done = "done"
    stale = "stale"
    refused = "refused"


class CompletedJob(Struct, kw_only=True):
    """
    What became of one completion.
    """

    job_id: str = field(name="jobId")
    outcome: CompletionOutcome
    error: ItemError | None


class CompletedJobs(Struct, kw_only=True):
    """
    What became of many completions, in the order of the request.
    """

    items: list[CompletedJob]


class CompleteJob(Struct, kw_only=True):
    """
    What came of the job.
    """

    lease_token: int = field(name="leaseToken")
    result: Any | UnsetType = UNSET
    cost_msat: int | UnsetType = field(name="costMsat", default=UNSET)


class JobError(Struct, kw_only=True):
    """
    Why an attempt failed.
    """

    code: str
    message: str


class FailJob(Struct, kw_only=True):
    """
    Why the attempt failed, and whether another makes sense.
    """

    lease_token: int = field(name="leaseToken")
    error: JobError
    retryable: bool | UnsetType = True
    retry_after_seconds: float | UnsetType = field(name="retryAfterSeconds", default=UNSET)
    cost_msat: int | UnsetType = field(name="costMsat", default=UNSET)


class ReportProgress(Struct, kw_only=True):
    """
    How far the work is.
    """

    lease_token: int = field(name="leaseToken")
    percent: float
    message: str | UnsetType = UNSET


class NewLogLine(Struct, kw_only=True):
    """
    A line for a job's log.
    """

    message: str
    level: LogLevel | UnsetType = UNSET
    at: datetime | UnsetType = UNSET


class AppendJobLogs(Struct, kw_only=True):
    """
    Lines for a job's log.
    """

    lease_token: int = field(name="leaseToken")
    lines: list[NewLogLine]


class AppendedJobLogs(Struct, kw_only=True):
    """
    How long the log is now.
    """

    stored: int
    last_seq: int = field(name="lastSeq")


class ReleaseJob(Struct, kw_only=True):
    """
    Which lease is handed back.
    """

    lease_token: int = field(name="leaseToken")
    delay_seconds: int | UnsetType = field(name="delaySeconds", default=0)
    interrupted: bool | UnsetType = False


class HealthStatus(StrEnum):
    """
    How something is.
    """

    healthy = "healthy"
    degraded = "degraded"
    unhealthy = "unhealthy"
    disabled = "disabled"


class HealthComponents(Struct, kw_only=True):
    """
    The parts that the service needs.
    """

    database: HealthStatus
    redis: HealthStatus
    workers: HealthStatus
    sandbox: HealthStatus


class HealthEngine(Struct, kw_only=True):
    """
    How the engine is over all tenants, at most a second old; missing while the database does not tell.
    """

    workers_alive: int = field(name="workersAlive")
    http_workers_alive: int = field(name="httpWorkersAlive")
    oldest_ready_seconds: float = field(name="oldestReadySeconds")
    oldest_own_ready_seconds: float = field(name="oldestOwnReadySeconds")
    leases_lost_last_hour: int = field(name="leasesLostLastHour")


class Health(Struct, kw_only=True):
    """
    How the service is.
    """

    status: HealthStatus
    version: str
    components: HealthComponents
    engine: HealthEngine | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


class Readiness(Struct, kw_only=True):
    """
    Whether requests should be sent here.
    """

    status: Literal["ready"]


class ProjectStats(Struct, kw_only=True):
    """
    Projects that are not archived.
    """

    total: int
    active: int


class RunStats(Struct, kw_only=True):
    """
    Builds.
    """

    total: int
    succeeded: int
    failed: int
    in_progress: int = field(name="inProgress")


class QueueStats(Struct, kw_only=True):
    """
    Tasks that are ready.
    """

    pending: int
    processing: int


class WorkerStats(Struct, kw_only=True):
    """
    Workers.
    """

    total: int
    active: int


class Stats(Struct, kw_only=True):
    """
    Figures of the whole installation.
    """

    projects: ProjectStats
    runs: RunStats
    queue: QueueStats
    workers: WorkerStats


class Outcome(StrEnum):
    """
    How a run or a task ended.
    """

    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class TaskOutcome(StrEnum):
    """
    How a task ended. One that could never run any more was skipped.
    """

    succeeded = "succeeded"
    failed = "failed"
    skipped = "skipped"
    cancelled = "cancelled"


class WaitReason(StrEnum):
    """
    What a task waits for: a time, a signal, an answer, or another run.
    """

    timer = "timer"
    signal = "signal"
    answer = "answer"
    run = "run"


class SkipReason(StrEnum):
    """
    Why a time has no job: the last job had not ended (overlap), it passed while nothing could run (late), or its kind does not take the input any more (invalid).
    """

    overlap = "overlap"
    late = "late"
    invalid = "invalid"


class HttpMethod(StrEnum):
    """
    How to call.
    """

    get = "GET"
    head = "HEAD"
    post = "POST"
    put = "PUT"
    patch = "PATCH"
    delete = "DELETE"
    options = "OPTIONS"


class TextEncoding(StrEnum):
    """
    How bytes are written as text; what is no UTF-8 text is Base64.
    """

    utf_8 = "utf-8"
    base64 = "base64"


class ModelUsage(Struct, kw_only=True):
    """
    What requests to a model used, as far as its endpoint said.
    """

    requests: int
    input_tokens: int = field(name="inputTokens")
    output_tokens: int = field(name="outputTokens")


class RunCreated(Struct, kw_only=True):
    """
    A run was created.
    """

    kind: str
    job_kind: str | UnsetType = field(name="jobKind", default=UNSET)
    queue: str | UnsetType = UNSET
    schedule_id: str | UnsetType = field(name="scheduleId", default=UNSET)


class RunCompleted(Struct, kw_only=True):
    """
    The run ended; nothing follows, unless it is a job that is retried.
    """

    status: Outcome
    error: Failure | UnsetType = UNSET


class TaskStarted(Struct, kw_only=True):
    """
    A worker began a task.
    """

    slug: str
    attempt: int
    worker_id: str | UnsetType = field(name="workerId", default=UNSET)


class TaskRetried(Struct, kw_only=True):
    """
    A task failed and will be begun again.
    """

    attempt: int
    error: Failure
    next_attempt_at: datetime | UnsetType = field(name="nextAttemptAt", default=UNSET)


class TaskLost(Struct, kw_only=True):
    """
    The worker of an attempt was not heard of any more. The attempt counts, and it is not known how far it came; another follows, or the failure of the task.
    """

    attempt: int
    worker_id: str = field(name="workerId")


class TaskReleased(Struct, kw_only=True):
    """
    A worker gave a task back because it stopped, or because the database was away; the attempt does not count.
    """

    attempt: int
    worker_id: str = field(name="workerId")


class TaskCompleted(Struct, kw_only=True):
    """
    A task ended.
    """

    status: TaskOutcome
    error: Failure | UnsetType = UNSET


class TaskWaiting(Struct, kw_only=True):
    """
    A task waits, and no worker is at it.
    """

    slug: str
    reason: WaitReason
    name: str | UnsetType = UNSET
    until: datetime | UnsetType = UNSET
    run_id: str | UnsetType = field(name="runId", default=UNSET)


class TaskReopened(Struct, kw_only=True):
    """
    A task that had ended is to be done again, or one that it had kept from running may run again.
    """

    slug: str
    previous_status: TaskOutcome = field(name="previousStatus")


class BranchMerged(Struct, kw_only=True):
    """
    A task's branch was merged.
    """

    branch_name: str = field(name="branchName")
    commit_sha: str = field(name="commitSha")


class ExportCreated(Struct, kw_only=True):
    """
    An export was asked for.
    """

    export_id: str = field(name="exportId")
    format: str


class ExportCompleted(Struct, kw_only=True):
    """
    An export can be downloaded.
    """

    export_id: str = field(name="exportId")
    size_bytes: int = field(name="sizeBytes")


class JobRetried(Struct, kw_only=True):
    """
    A job that had ended was queued again, with fresh attempts.
    """

    previous_status: Outcome = field(name="previousStatus")


class QueueUpdated(Struct, kw_only=True):
    """
    The limits of a queue were set or lifted; an event of the tenant, outside any run.
    """

    queue: str
    fields: list[str]


class QueuePaused(Struct, kw_only=True):
    """
    Nothing more begins from a queue until it is resumed.
    """

    queue: str


class QueueResumed(Struct, kw_only=True):
    """
    Jobs of a queue begin again.
    """

    queue: str


class QueueDeleted(Struct, kw_only=True):
    """
    A queue is gone until something is sent to it.
    """

    queue: str


class ScheduleCreated(Struct, kw_only=True):
    """
    A schedule was created; an event of the tenant, outside any run.
    """

    schedule_id: str = field(name="scheduleId")
    name: str


class ScheduleUpdated(Struct, kw_only=True):
    """
    A schedule was changed.
    """

    schedule_id: str = field(name="scheduleId")
    fields: list[str]


class SchedulePaused(Struct, kw_only=True):
    """
    A schedule creates no jobs until it is resumed.
    """

    schedule_id: str = field(name="scheduleId")


class ScheduleResumed(Struct, kw_only=True):
    """
    A schedule creates jobs again.
    """

    schedule_id: str = field(name="scheduleId")


class ScheduleSkipped(Struct, kw_only=True):
    """
    A time of a schedule came, and no job was created for it and those that had passed before.
    """

    schedule_id: str = field(name="scheduleId")
    scheduled_for: datetime = field(name="scheduledFor")
    reason: SkipReason


class ScheduleDeleted(Struct, kw_only=True):
    """
    A schedule was deleted.
    """

    schedule_id: str = field(name="scheduleId")
    name: str


class HttpJobInput(Struct, kw_only=True):
    """
    A call of a public address, by GET unless it says how. Redirects are not followed. The job has succeeded if the answer is 2xx; 408, 425, 429, 5xx, a timeout and a lost connection are tried again, not before `Retry-After` says so. Every attempt sends the same `Idempotency-Key`.
    """

    url: str
    method: HttpMethod | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    body: str | UnsetType = UNSET
    json: Any | UnsetType = UNSET
    timeout_seconds: int | UnsetType = field(name="timeoutSeconds", default=30)


class HttpJobResult(Struct, kw_only=True):
    """
    The answer to the call.
    """

    status: int
    headers: dict[str, str]
    body: str
    body_encoding: TextEncoding = field(name="bodyEncoding")
    truncated: bool
    duration_ms: int = field(name="durationMs")


class AgentJobResult(Struct, kw_only=True):
    """
    The model's answer.
    """

    text: str
    value: Any
    model: str
    usage: ModelUsage
