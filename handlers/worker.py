"""Workers over HTTP."""

from generated.models import (
    AppendJobLogs,
    ClaimJobs,
    CompleteJob,
    CompleteJobs,
    ExtendLeases,
    FailJob,
    ReleaseJob,
    ReportProgress,
)
from handlers.gateway.respond import Reply, ok
from services import worker, worker_jobs
from services.context import Context


async def claim_jobs(ctx: Context, body: ClaimJobs) -> Reply:
    """POST /worker/claim"""
    return ok(await worker.claim_jobs(ctx, body))


async def extend_leases(ctx: Context, body: ExtendLeases) -> Reply:
    """POST /worker/heartbeat"""
    return ok(await worker.extend_leases(ctx, body))


async def complete_jobs(ctx: Context, body: CompleteJobs) -> Reply:
    """POST /worker/complete"""
    return ok(await worker_jobs.complete_jobs(ctx, body))


async def complete_job(ctx: Context, job_id: str, body: CompleteJob) -> Reply:
    """POST /worker/jobs/{jobId}/complete"""
    return ok(await worker_jobs.complete_job(ctx, job_id, body))


async def fail_job(ctx: Context, job_id: str, body: FailJob) -> Reply:
    """POST /worker/jobs/{jobId}/fail"""
    return ok(await worker_jobs.fail_job(ctx, job_id, body))


async def report_progress(ctx: Context, job_id: str, body: ReportProgress) -> Reply:
    """POST /worker/jobs/{jobId}/progress"""
    return ok(await worker_jobs.report_progress(ctx, job_id, body))


async def append_job_logs(ctx: Context, job_id: str, body: AppendJobLogs) -> Reply:
    """POST /worker/jobs/{jobId}/logs"""
    return ok(await worker_jobs.append_job_logs(ctx, job_id, body))


async def release_job(ctx: Context, job_id: str, body: ReleaseJob) -> Reply:
    """POST /worker/jobs/{jobId}/release"""
    return ok(await worker_jobs.release_job(ctx, job_id, body))
