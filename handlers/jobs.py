"""Jobs over HTTP."""

from datetime import datetime

from starlette.responses import Response

from generated.models import (
    ChangeJobs,
    EventType,
    JobStatus,
    LogLevel,
    NewJob,
    NewJobs,
)
from handlers.gateway.respond import Reply, created, ok, paged, plain
from handlers.gateway.streams import event_stream, frame
from services import jobs
from services.context import Context


async def create_job(ctx: Context, body: NewJob) -> Reply:
    """POST /orchestrator/jobs"""
    job = await jobs.create_job(ctx, body)
    return ok(job) if job.deduplicated else created(job, f"/orchestrator/jobs/{job.id}")


async def list_jobs(
    ctx: Context,
    status: JobStatus | None,
    queue: str | None,
    kind: str | None,
    tag: str | None,
    schedule_id: str | None,
    created_after: datetime | None,
    created_before: datetime | None,
    cursor: str | None,
    limit: int,
) -> Reply:
    """GET /orchestrator/jobs"""
    return paged(
        await jobs.list_jobs(
            ctx,
            status,
            queue,
            kind,
            tag,
            schedule_id,
            created_after,
            created_before,
            cursor,
            limit,
        )
    )


async def get_job(ctx: Context, job_id: str) -> Reply:
    """GET /orchestrator/jobs/{jobId}"""
    return ok(await jobs.get_job(ctx, job_id))


async def cancel_job(ctx: Context, job_id: str) -> Reply:
    """POST /orchestrator/jobs/{jobId}/cancel"""
    return ok(await jobs.cancel_job(ctx, job_id))


async def retry_job(ctx: Context, job_id: str) -> Reply:
    """POST /orchestrator/jobs/{jobId}/retry"""
    return ok(await jobs.retry_job(ctx, job_id))


async def create_jobs(ctx: Context, body: NewJobs) -> Reply:
    """POST /orchestrator/jobs/bulk"""
    return ok(await jobs.create_jobs(ctx, body))


async def cancel_jobs(ctx: Context, body: ChangeJobs) -> Reply:
    """POST /orchestrator/jobs/cancel"""
    return ok(await jobs.cancel_jobs(ctx, body))


async def retry_jobs(ctx: Context, body: ChangeJobs) -> Reply:
    """POST /orchestrator/jobs/retry"""
    return ok(await jobs.retry_jobs(ctx, body))


async def get_job_result(ctx: Context, job_id: str) -> Reply:
    """GET /orchestrator/jobs/{jobId}/result"""
    return plain(await jobs.get_job_result(ctx, job_id))


async def list_job_events(
    ctx: Context, job_id: str, after_seq: int | None, type_: EventType | None, limit: int
) -> Reply:
    """GET /orchestrator/jobs/{jobId}/events"""
    type_ = EventType(type_) if type_ else None
    return ok(await jobs.list_job_events(ctx, job_id, after_seq, type_, limit))


async def stream_job_events(ctx: Context, job_id: str, last_event_id: str | None) -> Response:
    """GET /orchestrator/jobs/{jobId}/events/stream"""
    batches = await jobs.stream_job_events(ctx, job_id, last_event_id)
    return event_stream(batches, ctx.app.draining, frame)


async def list_job_logs(
    ctx: Context, job_id: str, after_seq: int | None, level: LogLevel | None, limit: int
) -> Reply:
    """GET /orchestrator/jobs/{jobId}/logs"""
    return ok(await jobs.list_job_logs(ctx, job_id, after_seq, level, limit))
