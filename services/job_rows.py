"""Jobs as they are stored, and as they are shown."""

from datetime import datetime
from typing import Any

import msgspec

from generated.models import Failure, Job, JobStatus, JobSummary, Progress
from services import job_kinds
from services.new_jobs import JobOptions


class JobRow(msgspec.Struct, frozen=True):
    """A job as it is stored."""

    id: str
    kind: str
    input: dict[str, Any]
    queue: str
    status: JobStatus
    attempt: int
    options: JobOptions
    dedupe_key: str | None
    tags: list[str]
    progress: Progress | None
    cost_msat: int
    result: Any
    result_size: int | None
    error: Failure | None
    next_attempt_at: datetime | None
    worker_id: str | None
    request_id: str | None
    trace_id: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class SummaryRow(msgspec.Struct, frozen=True):
    """A job in a list, as it is stored."""

    id: str
    kind: str
    queue: str
    options: JobOptions
    status: JobStatus
    attempt: int
    tags: list[str]
    error: Failure | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


def shown(row: JobRow) -> Job:
    """A job as callers see it; its input without secrets, its result if it is in the row."""
    options = row.options
    return Job(
        id=row.id,
        kind=row.kind,
        input=job_kinds.shown_input(row.kind, row.input),
        queue=row.queue,
        priority=options.priority,
        status=row.status,
        attempt=row.attempt,
        retry=options.retry,
        replay=options.replay,
        run_at=options.run_at,
        dedupe_key=row.dedupe_key,
        concurrency=options.concurrency,
        timeout_seconds=options.timeout_seconds,
        queue_timeout_seconds=options.queue_timeout_seconds,
        deadline=options.deadline,
        tags=row.tags,
        metadata=options.metadata,
        max_cost_msat=options.max_cost_msat,
        cost_msat=row.cost_msat,
        progress=row.progress,
        result=row.result,
        result_size=row.result_size,
        error=row.error,
        next_attempt_at=row.next_attempt_at,
        worker_id=row.worker_id,
        schedule_id=options.schedule_id,
        request_id=row.request_id or msgspec.UNSET,
        trace_id=row.trace_id or msgspec.UNSET,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )


def summary(row: SummaryRow) -> JobSummary:
    """A job in a list."""
    return JobSummary(
        id=row.id,
        kind=row.kind,
        queue=row.queue,
        priority=row.options.priority,
        status=row.status,
        attempt=row.attempt,
        tags=row.tags,
        error=row.error,
        schedule_id=row.options.schedule_id,
        run_at=row.options.run_at,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )
