"""The schemas of the contract."""

from .agent_job_input import AgentJobInput
from .agent_job_input_answer_schema_type_0 import AgentJobInputAnswerSchemaType0
from .agent_job_result import AgentJobResult
from .agent_name import AgentName
from .answer import Answer
from .answered_question import AnsweredQuestion
from .answered_questions import AnsweredQuestions
from .answered_questions_response import AnsweredQuestionsResponse
from .answers_submitted import AnswersSubmitted
from .approval import Approval
from .approval_response import ApprovalResponse
from .approved_spec import ApprovedSpec
from .branch_merged import BranchMerged
from .check_completed import CheckCompleted
from .command_job_input import CommandJobInput
from .command_job_input_env_type_0 import CommandJobInputEnvType0
from .command_job_result import CommandJobResult
from .create_export import CreateExport
from .create_project import CreateProject
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
from .failure import Failure
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
from .health import Health
from .health_components import HealthComponents
from .health_status import HealthStatus
from .http_job_input import HttpJobInput
from .http_job_input_headers_type_0 import HttpJobInputHeadersType0
from .http_job_result import HttpJobResult
from .http_job_result_headers import HttpJobResultHeaders
from .http_method import HttpMethod
from .job_progressed import JobProgressed
from .job_released import JobReleased
from .job_retried import JobRetried
from .latest_run import LatestRun
from .model_usage import ModelUsage
from .new_run import NewRun
from .new_run_response import NewRunResponse
from .outcome import Outcome
from .pagination import Pagination
from .plan import Plan
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
from .queue_stats import QueueStats
from .readiness import Readiness
from .readiness_status import ReadinessStatus
from .ref_entry import RefEntry
from .ref_list_response import RefListResponse
from .ref_type import RefType
from .regenerate_spec import RegenerateSpec
from .run import Run
from .run_advanced import RunAdvanced
from .run_completed import RunCompleted
from .run_created import RunCreated
from .run_list import RunList
from .run_planned import RunPlanned
from .run_response import RunResponse
from .run_state import RunState
from .run_state_response import RunStateResponse
from .run_stats import RunStats
from .run_status import RunStatus
from .run_summary import RunSummary
from .run_trigger import RunTrigger
from .sandbox_kind import SandboxKind
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
from .task_completed import TaskCompleted
from .task_definition import TaskDefinition
from .task_list import TaskList
from .task_response import TaskResponse
from .task_result import TaskResult
from .task_retried import TaskRetried
from .task_started import TaskStarted
from .task_state import TaskState
from .task_status import TaskStatus
from .tasks_summary import TasksSummary
from .text_encoding import TextEncoding
from .update_project import UpdateProject
from .verification_check import VerificationCheck
from .verification_result import VerificationResult
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
    "AnswersSubmitted",
    "Approval",
    "ApprovalResponse",
    "ApprovedSpec",
    "BranchMerged",
    "CheckCompleted",
    "CommandJobInput",
    "CommandJobInputEnvType0",
    "CommandJobResult",
    "CreateExport",
    "CreateProject",
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
    "Failure",
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
    "Health",
    "HealthComponents",
    "HealthStatus",
    "HttpJobInput",
    "HttpJobInputHeadersType0",
    "HttpJobResult",
    "HttpJobResultHeaders",
    "HttpMethod",
    "JobProgressed",
    "JobReleased",
    "JobRetried",
    "LatestRun",
    "ModelUsage",
    "NewRun",
    "NewRunResponse",
    "Outcome",
    "Pagination",
    "Plan",
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
    "QueueStats",
    "Readiness",
    "ReadinessStatus",
    "RefEntry",
    "RefListResponse",
    "RefType",
    "RegenerateSpec",
    "Run",
    "RunAdvanced",
    "RunCompleted",
    "RunCreated",
    "RunList",
    "RunPlanned",
    "RunResponse",
    "RunState",
    "RunStateResponse",
    "RunStats",
    "RunStatus",
    "RunSummary",
    "RunTrigger",
    "SandboxKind",
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
    "TaskCompleted",
    "TaskDefinition",
    "TaskList",
    "TaskResponse",
    "TaskResult",
    "TaskRetried",
    "TasksSummary",
    "TaskStarted",
    "TaskState",
    "TaskStatus",
    "TextEncoding",
    "UpdateProject",
    "VerificationCheck",
    "VerificationResult",
    "WorkerStats",
)
