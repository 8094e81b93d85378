"""Server types, generated from the contract by scripts/generate."""

from __future__ import annotations

from msgspec import Struct, UNSET, UnsetType, field
from typing import Any, Literal
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
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
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
    run_completed = "RUN_COMPLETED"
    task_started = "TASK_STARTED"
    task_retried = "TASK_RETRIED"
    task_completed = "TASK_COMPLETED"
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


class Health(Struct, kw_only=True):
    """
    How the service is.
    """

    status: HealthStatus
    version: str
    components: HealthComponents
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


class TaskCompleted(Struct, kw_only=True):
    """
    A task ended.
    """

    status: Outcome
    error: Failure | UnsetType = UNSET


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
