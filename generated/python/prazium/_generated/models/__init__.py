"""The schemas of the contract."""

from .agent_job_input import AgentJobInput
from .agent_job_input_answer_schema_type_0 import AgentJobInputAnswerSchemaType0
from .agent_job_result import AgentJobResult
from .agent_name import AgentName
from .answer import Answer
from .answer_graph_task import AnswerGraphTask
from .answered_question import AnsweredQuestion
from .answered_questions import AnsweredQuestions
from .answered_questions_response import AnsweredQuestionsResponse
from .answers_submitted import AnswersSubmitted
from .append_job_logs import AppendJobLogs
from .appended_job_logs import AppendedJobLogs
from .appended_job_logs_response import AppendedJobLogsResponse
from .approval import Approval
from .approval_response import ApprovalResponse
from .approved_spec import ApprovedSpec
from .backoff import Backoff
from .branch_merged import BranchMerged
from .catch_up import CatchUp
from .change_jobs import ChangeJobs
from .changed_jobs import ChangedJobs
from .changed_jobs_response import ChangedJobsResponse
from .check_completed import CheckCompleted
from .claim_jobs import ClaimJobs
from .claimed_job import ClaimedJob
from .claimed_jobs import ClaimedJobs
from .claimed_jobs_response import ClaimedJobsResponse
from .command_job_input import CommandJobInput
from .command_job_input_env_type_0 import CommandJobInputEnvType0
from .command_job_result import CommandJobResult
from .complete_job import CompleteJob
from .complete_jobs import CompleteJobs
from .completed_job import CompletedJob
from .completed_jobs import CompletedJobs
from .completed_jobs_response import CompletedJobsResponse
from .completion_outcome import CompletionOutcome
from .concurrency import Concurrency
from .create_export import CreateExport
from .create_project import CreateProject
from .created_item import CreatedItem
from .created_job import CreatedJob
from .created_job_response import CreatedJobResponse
from .created_jobs import CreatedJobs
from .created_jobs_response import CreatedJobsResponse
from .cursor_pagination import CursorPagination
from .error import Error
from .error_body import ErrorBody
from .error_code import ErrorCode
from .event import Event
from .event_frame import EventFrame
from .event_list import EventList
from .event_payload import EventPayload
from .event_type import EventType
from .export import Export
from .export_completed import ExportCompleted
from .export_created import ExportCreated
from .export_format import ExportFormat
from .export_list import ExportList
from .export_response import ExportResponse
from .export_status import ExportStatus
from .extend_leases import ExtendLeases
from .extended_lease import ExtendedLease
from .extended_leases import ExtendedLeases
from .extended_leases_response import ExtendedLeasesResponse
from .fail_job import FailJob
from .failure import Failure
from .feed_frame import FeedFrame
from .field_error import FieldError
from .file_content import FileContent
from .file_created import FileCreated
from .file_deleted import FileDeleted
from .file_encoding import FileEncoding
from .file_entry import FileEntry
from .file_list import FileList
from .file_list_response import FileListResponse
from .file_modified import FileModified
from .file_response import FileResponse
from .file_type import FileType
from .get_contract_response_200 import GetContractResponse200
from .graph import Graph
from .graph_list import GraphList
from .graph_map import GraphMap
from .graph_plan import GraphPlan
from .graph_plan_response import GraphPlanResponse
from .graph_response import GraphResponse
from .graph_state import GraphState
from .graph_state_response import GraphStateResponse
from .graph_status import GraphStatus
from .graph_summary import GraphSummary
from .graph_task import GraphTask
from .graph_task_list import GraphTaskList
from .graph_task_response import GraphTaskResponse
from .graph_task_state import GraphTaskState
from .graph_wait import GraphWait
from .health import Health
from .health_components import HealthComponents
from .health_engine import HealthEngine
from .health_status import HealthStatus
from .http_job_input import HttpJobInput
from .http_job_input_headers_type_0 import HttpJobInputHeadersType0
from .http_job_result import HttpJobResult
from .http_job_result_headers import HttpJobResultHeaders
from .http_method import HttpMethod
from .item_error import ItemError
from .job import Job
from .job_completion import JobCompletion
from .job_error import JobError
from .job_filter import JobFilter
from .job_input import JobInput
from .job_lease import JobLease
from .job_list import JobList
from .job_log import JobLog
from .job_progressed import JobProgressed
from .job_released import JobReleased
from .job_response import JobResponse
from .job_retried import JobRetried
from .job_state import JobState
from .job_state_response import JobStateResponse
from .job_status import JobStatus
from .job_summary import JobSummary
from .job_template import JobTemplate
from .job_template_metadata import JobTemplateMetadata
from .json_schema import JsonSchema
from .kind import Kind
from .kind_list import KindList
from .kind_response import KindResponse
from .latest_run import LatestRun
from .lease_state import LeaseState
from .log_level import LogLevel
from .log_line import LogLine
from .metadata import Metadata
from .model_usage import ModelUsage
from .new_graph import NewGraph
from .new_graph_task import NewGraphTask
from .new_graph_task_graph import NewGraphTaskGraph
from .new_graph_task_input import NewGraphTaskInput
from .new_job import NewJob
from .new_jobs import NewJobs
from .new_log_line import NewLogLine
from .new_run import NewRun
from .new_run_response import NewRunResponse
from .new_schedule import NewSchedule
from .on_failure import OnFailure
from .outcome import Outcome
from .overlap import Overlap
from .pagination import Pagination
from .plan import Plan
from .planned_task import PlannedTask
from .planned_task_action import PlannedTaskAction
from .progress import Progress
from .project import Project
from .project_archived import ProjectArchived
from .project_created import ProjectCreated
from .project_list import ProjectList
from .project_response import ProjectResponse
from .project_state import ProjectState
from .project_state_response import ProjectStateResponse
from .project_stats import ProjectStats
from .project_status import ProjectStatus
from .project_summary import ProjectSummary
from .project_updated import ProjectUpdated
from .question import Question
from .question_type import QuestionType
from .questions import Questions
from .questions_asked import QuestionsAsked
from .questions_response import QuestionsResponse
from .queue import Queue
from .queue_counts import QueueCounts
from .queue_deleted import QueueDeleted
from .queue_list import QueueList
from .queue_paused import QueuePaused
from .queue_response import QueueResponse
from .queue_resumed import QueueResumed
from .queue_stats import QueueStats
from .queue_updated import QueueUpdated
from .rate_limit import RateLimit
from .readiness import Readiness
from .readiness_status import ReadinessStatus
from .ref_entry import RefEntry
from .ref_list_response import RefListResponse
from .ref_type import RefType
from .regenerate_spec import RegenerateSpec
from .register_kind import RegisterKind
from .release_job import ReleaseJob
from .replay import Replay
from .report_progress import ReportProgress
from .rerun_graph import RerunGraph
from .retry_policy import RetryPolicy
from .run import Run
from .run_advanced import RunAdvanced
from .run_completed import RunCompleted
from .run_created import RunCreated
from .run_list import RunList
from .run_planned import RunPlanned
from .run_response import RunResponse
from .run_signalled import RunSignalled
from .run_state import RunState
from .run_state_response import RunStateResponse
from .run_stats import RunStats
from .run_status import RunStatus
from .run_summary import RunSummary
from .run_trigger import RunTrigger
from .sandbox_kind import SandboxKind
from .schedule import Schedule
from .schedule_created import ScheduleCreated
from .schedule_deleted import ScheduleDeleted
from .schedule_list import ScheduleList
from .schedule_paused import SchedulePaused
from .schedule_response import ScheduleResponse
from .schedule_resumed import ScheduleResumed
from .schedule_skipped import ScheduleSkipped
from .schedule_updated import ScheduleUpdated
from .signal_graph import SignalGraph
from .signalled_graph import SignalledGraph
from .signalled_graph_response import SignalledGraphResponse
from .skip_reason import SkipReason
from .spec import Spec
from .spec_approved import SpecApproved
from .spec_documents import SpecDocuments
from .spec_generated import SpecGenerated
from .spec_list import SpecList
from .spec_response import SpecResponse
from .spec_state import SpecState
from .spec_state_response import SpecStateResponse
from .spec_summary import SpecSummary
from .start_run import StartRun
from .start_run_trigger import StartRunTrigger
from .state_conflict import StateConflict
from .stats import Stats
from .stats_response import StatsResponse
from .submit_answers import SubmitAnswers
from .task import Task
from .task_answered import TaskAnswered
from .task_completed import TaskCompleted
from .task_condition import TaskCondition
from .task_definition import TaskDefinition
from .task_list import TaskList
from .task_lost import TaskLost
from .task_mapped import TaskMapped
from .task_outcome import TaskOutcome
from .task_released import TaskReleased
from .task_reopened import TaskReopened
from .task_response import TaskResponse
from .task_result import TaskResult
from .task_retried import TaskRetried
from .task_started import TaskStarted
from .task_state import TaskState
from .task_status import TaskStatus
from .task_waiting import TaskWaiting
from .tasks_summary import TasksSummary
from .tenant_event import TenantEvent
from .tenant_event_list import TenantEventList
from .tenant_event_payload import TenantEventPayload
from .text_encoding import TextEncoding
from .update_project import UpdateProject
from .update_queue import UpdateQueue
from .update_schedule import UpdateSchedule
from .verification_check import VerificationCheck
from .verification_result import VerificationResult
from .wait_for import WaitFor
from .wait_reason import WaitReason
from .worker_stats import WorkerStats

__all__ = (
    "AgentJobInput",
    "AgentJobInputAnswerSchemaType0",
    "AgentJobResult",
    "AgentName",
    "Answer",
    "AnsweredQuestion",
    "AnsweredQuestions",
    "AnsweredQuestionsResponse",
    "AnswerGraphTask",
    "AnswersSubmitted",
    "AppendedJobLogs",
    "AppendedJobLogsResponse",
    "AppendJobLogs",
    "Approval",
    "ApprovalResponse",
    "ApprovedSpec",
    "Backoff",
    "BranchMerged",
    "CatchUp",
    "ChangedJobs",
    "ChangedJobsResponse",
    "ChangeJobs",
    "CheckCompleted",
    "ClaimedJob",
    "ClaimedJobs",
    "ClaimedJobsResponse",
    "ClaimJobs",
    "CommandJobInput",
    "CommandJobInputEnvType0",
    "CommandJobResult",
    "CompletedJob",
    "CompletedJobs",
    "CompletedJobsResponse",
    "CompleteJob",
    "CompleteJobs",
    "CompletionOutcome",
    "Concurrency",
    "CreatedItem",
    "CreatedJob",
    "CreatedJobResponse",
    "CreatedJobs",
    "CreatedJobsResponse",
    "CreateExport",
    "CreateProject",
    "CursorPagination",
    "Error",
    "ErrorBody",
    "ErrorCode",
    "Event",
    "EventFrame",
    "EventList",
    "EventPayload",
    "EventType",
    "Export",
    "ExportCompleted",
    "ExportCreated",
    "ExportFormat",
    "ExportList",
    "ExportResponse",
    "ExportStatus",
    "ExtendedLease",
    "ExtendedLeases",
    "ExtendedLeasesResponse",
    "ExtendLeases",
    "FailJob",
    "Failure",
    "FeedFrame",
    "FieldError",
    "FileContent",
    "FileCreated",
    "FileDeleted",
    "FileEncoding",
    "FileEntry",
    "FileList",
    "FileListResponse",
    "FileModified",
    "FileResponse",
    "FileType",
    "GetContractResponse200",
    "Graph",
    "GraphList",
    "GraphMap",
    "GraphPlan",
    "GraphPlanResponse",
    "GraphResponse",
    "GraphState",
    "GraphStateResponse",
    "GraphStatus",
    "GraphSummary",
    "GraphTask",
    "GraphTaskList",
    "GraphTaskResponse",
    "GraphTaskState",
    "GraphWait",
    "Health",
    "HealthComponents",
    "HealthEngine",
    "HealthStatus",
    "HttpJobInput",
    "HttpJobInputHeadersType0",
    "HttpJobResult",
    "HttpJobResultHeaders",
    "HttpMethod",
    "ItemError",
    "Job",
    "JobCompletion",
    "JobError",
    "JobFilter",
    "JobInput",
    "JobLease",
    "JobList",
    "JobLog",
    "JobProgressed",
    "JobReleased",
    "JobResponse",
    "JobRetried",
    "JobState",
    "JobStateResponse",
    "JobStatus",
    "JobSummary",
    "JobTemplate",
    "JobTemplateMetadata",
    "JsonSchema",
    "Kind",
    "KindList",
    "KindResponse",
    "LatestRun",
    "LeaseState",
    "LogLevel",
    "LogLine",
    "Metadata",
    "ModelUsage",
    "NewGraph",
    "NewGraphTask",
    "NewGraphTaskGraph",
    "NewGraphTaskInput",
    "NewJob",
    "NewJobs",
    "NewLogLine",
    "NewRun",
    "NewRunResponse",
    "NewSchedule",
    "OnFailure",
    "Outcome",
    "Overlap",
    "Pagination",
    "Plan",
    "PlannedTask",
    "PlannedTaskAction",
    "Progress",
    "Project",
    "ProjectArchived",
    "ProjectCreated",
    "ProjectList",
    "ProjectResponse",
    "ProjectState",
    "ProjectStateResponse",
    "ProjectStats",
    "ProjectStatus",
    "ProjectSummary",
    "ProjectUpdated",
    "Question",
    "Questions",
    "QuestionsAsked",
    "QuestionsResponse",
    "QuestionType",
    "Queue",
    "QueueCounts",
    "QueueDeleted",
    "QueueList",
    "QueuePaused",
    "QueueResponse",
    "QueueResumed",
    "QueueStats",
    "QueueUpdated",
    "RateLimit",
    "Readiness",
    "ReadinessStatus",
    "RefEntry",
    "RefListResponse",
    "RefType",
    "RegenerateSpec",
    "RegisterKind",
    "ReleaseJob",
    "Replay",
    "ReportProgress",
    "RerunGraph",
    "RetryPolicy",
    "Run",
    "RunAdvanced",
    "RunCompleted",
    "RunCreated",
    "RunList",
    "RunPlanned",
    "RunResponse",
    "RunSignalled",
    "RunState",
    "RunStateResponse",
    "RunStats",
    "RunStatus",
    "RunSummary",
    "RunTrigger",
    "SandboxKind",
    "Schedule",
    "ScheduleCreated",
    "ScheduleDeleted",
    "ScheduleList",
    "SchedulePaused",
    "ScheduleResponse",
    "ScheduleResumed",
    "ScheduleSkipped",
    "ScheduleUpdated",
    "SignalGraph",
    "SignalledGraph",
    "SignalledGraphResponse",
    "SkipReason",
    "Spec",
    "SpecApproved",
    "SpecDocuments",
    "SpecGenerated",
    "SpecList",
    "SpecResponse",
    "SpecState",
    "SpecStateResponse",
    "SpecSummary",
    "StartRun",
    "StartRunTrigger",
    "StateConflict",
    "Stats",
    "StatsResponse",
    "SubmitAnswers",
    "Task",
    "TaskAnswered",
    "TaskCompleted",
    "TaskCondition",
    "TaskDefinition",
    "TaskList",
    "TaskLost",
    "TaskMapped",
    "TaskOutcome",
    "TaskReleased",
    "TaskReopened",
    "TaskResponse",
    "TaskResult",
    "TaskRetried",
    "TasksSummary",
    "TaskStarted",
    "TaskState",
    "TaskStatus",
    "TaskWaiting",
    "TenantEvent",
    "TenantEventList",
    "TenantEventPayload",
    "TextEncoding",
    "UpdateProject",
    "UpdateQueue",
    "UpdateSchedule",
    "VerificationCheck",
    "VerificationResult",
    "WaitFor",
    "WaitReason",
    "WorkerStats",
)
