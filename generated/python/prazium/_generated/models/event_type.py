from typing import Literal, cast

EventType = Literal[
    "ANSWERS_SUBMITTED",
    "BRANCH_MERGED",
    "CHECK_COMPLETED",
    "EXPORT_COMPLETED",
    "EXPORT_CREATED",
    "FILE_CREATED",
    "FILE_DELETED",
    "FILE_MODIFIED",
    "JOB_PROGRESSED",
    "JOB_RELEASED",
    "JOB_RETRIED",
    "PROJECT_ARCHIVED",
    "PROJECT_CREATED",
    "PROJECT_UPDATED",
    "QUESTIONS_ASKED",
    "QUEUE_DELETED",
    "QUEUE_PAUSED",
    "QUEUE_RESUMED",
    "QUEUE_UPDATED",
    "RUN_ADVANCED",
    "RUN_COMPLETED",
    "RUN_CREATED",
    "RUN_PLANNED",
    "RUN_SIGNALLED",
    "SCHEDULE_CREATED",
    "SCHEDULE_DELETED",
    "SCHEDULE_PAUSED",
    "SCHEDULE_RESUMED",
    "SCHEDULE_SKIPPED",
    "SCHEDULE_UPDATED",
    "SPEC_APPROVED",
    "SPEC_GENERATED",
    "TASK_ANSWERED",
    "TASK_COMPLETED",
    "TASK_LOST",
    "TASK_MAPPED",
    "TASK_RELEASED",
    "TASK_REOPENED",
    "TASK_RETRIED",
    "TASK_STARTED",
    "TASK_WAITING",
]


def check_event_type(value: object) -> EventType:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(EventType, value)
