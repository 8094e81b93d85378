"""The payload of each event type, from the contract."""

from collections.abc import Callable
from typing import Any, TypeAlias

from . import models

Payload: TypeAlias = (
    models.ProjectCreated
    | models.ProjectUpdated
    | models.ProjectArchived
    | models.QuestionsAsked
    | models.AnswersSubmitted
    | models.SpecGenerated
    | models.SpecApproved
    | models.RunCreated
    | models.RunPlanned
    | models.RunAdvanced
    | models.RunSignalled
    | models.RunCompleted
    | models.TaskStarted
    | models.TaskRetried
    | models.TaskLost
    | models.TaskReleased
    | models.TaskCompleted
    | models.TaskWaiting
    | models.TaskMapped
    | models.TaskAnswered
    | models.TaskReopened
    | models.FileCreated
    | models.FileModified
    | models.FileDeleted
    | models.BranchMerged
    | models.CheckCompleted
    | models.ExportCreated
    | models.ExportCompleted
    | models.JobProgressed
    | models.JobReleased
    | models.JobRetried
    | models.QueueUpdated
    | models.QueuePaused
    | models.QueueResumed
    | models.QueueDeleted
    | models.ScheduleCreated
    | models.ScheduleUpdated
    | models.SchedulePaused
    | models.ScheduleResumed
    | models.ScheduleSkipped
    | models.ScheduleDeleted
    | dict[str, Any]
)

READERS: dict[str, Callable[[dict[str, Any]], Payload]] = {
    "PROJECT_CREATED": models.ProjectCreated.from_dict,
    "PROJECT_UPDATED": models.ProjectUpdated.from_dict,
    "PROJECT_ARCHIVED": models.ProjectArchived.from_dict,
    "QUESTIONS_ASKED": models.QuestionsAsked.from_dict,
    "ANSWERS_SUBMITTED": models.AnswersSubmitted.from_dict,
    "SPEC_GENERATED": models.SpecGenerated.from_dict,
    "SPEC_APPROVED": models.SpecApproved.from_dict,
    "RUN_CREATED": models.RunCreated.from_dict,
    "RUN_PLANNED": models.RunPlanned.from_dict,
    "RUN_ADVANCED": models.RunAdvanced.from_dict,
    "RUN_SIGNALLED": models.RunSignalled.from_dict,
    "RUN_COMPLETED": models.RunCompleted.from_dict,
    "TASK_STARTED": models.TaskStarted.from_dict,
    "TASK_RETRIED": models.TaskRetried.from_dict,
    "TASK_LOST": models.TaskLost.from_dict,
    "TASK_RELEASED": models.TaskReleased.from_dict,
    "TASK_COMPLETED": models.TaskCompleted.from_dict,
    "TASK_WAITING": models.TaskWaiting.from_dict,
    "TASK_MAPPED": models.TaskMapped.from_dict,
    "TASK_ANSWERED": models.TaskAnswered.from_dict,
    "TASK_REOPENED": models.TaskReopened.from_dict,
    "FILE_CREATED": models.FileCreated.from_dict,
    "FILE_MODIFIED": models.FileModified.from_dict,
    "FILE_DELETED": models.FileDeleted.from_dict,
    "BRANCH_MERGED": models.BranchMerged.from_dict,
    "CHECK_COMPLETED": models.CheckCompleted.from_dict,
    "EXPORT_CREATED": models.ExportCreated.from_dict,
    "EXPORT_COMPLETED": models.ExportCompleted.from_dict,
    "JOB_PROGRESSED": models.JobProgressed.from_dict,
    "JOB_RELEASED": models.JobReleased.from_dict,
    "JOB_RETRIED": models.JobRetried.from_dict,
    "QUEUE_UPDATED": models.QueueUpdated.from_dict,
    "QUEUE_PAUSED": models.QueuePaused.from_dict,
    "QUEUE_RESUMED": models.QueueResumed.from_dict,
    "QUEUE_DELETED": models.QueueDeleted.from_dict,
    "SCHEDULE_CREATED": models.ScheduleCreated.from_dict,
    "SCHEDULE_UPDATED": models.ScheduleUpdated.from_dict,
    "SCHEDULE_PAUSED": models.SchedulePaused.from_dict,
    "SCHEDULE_RESUMED": models.ScheduleResumed.from_dict,
    "SCHEDULE_SKIPPED": models.ScheduleSkipped.from_dict,
    "SCHEDULE_DELETED": models.ScheduleDeleted.from_dict,
}
