"""Runs over HTTP."""

from generated.models import NewRun, RunStatus, StartRun
from handlers.gateway.respond import Reply, created, ok, paged
from services import runs
from services.context import Context


async def start_run(ctx: Context, project_id: str, body: StartRun) -> Reply:
    """POST /projects/{projectId}/runs"""
    return started(await runs.start_run(ctx, project_id, body))


async def list_runs(
    ctx: Context, project_id: str, page: int, page_size: int, status: RunStatus | None
) -> Reply:
    """GET /projects/{projectId}/runs"""
    return paged(await runs.list_runs(ctx, project_id, page, page_size, status))


async def get_run(ctx: Context, project_id: str, run_id: str) -> Reply:
    """GET /projects/{projectId}/runs/{runId}"""
    return ok(await runs.get_run(ctx, project_id, run_id))


async def cancel_run(ctx: Context, project_id: str, run_id: str) -> Reply:
    """POST /projects/{projectId}/runs/{runId}/cancel"""
    return ok(await runs.cancel_run(ctx, project_id, run_id))


async def retry_run(ctx: Context, project_id: str, run_id: str) -> Reply:
    """POST /projects/{projectId}/runs/{runId}/retry"""
    return started(await runs.retry_run(ctx, project_id, run_id))


def started(run: NewRun) -> Reply:
    """201 with the new run."""
    return created(run, f"/projects/{run.project_id}/runs/{run.id}")
