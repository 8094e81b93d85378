"""Tasks over HTTP."""

from handlers.gateway.respond import Reply, ok
from services import tasks
from services.context import Context


async def list_tasks(ctx: Context, project_id: str, run_id: str) -> Reply:
    """GET /projects/{projectId}/runs/{runId}/tasks"""
    return ok(await tasks.list_tasks(ctx, project_id, run_id))


async def get_task(ctx: Context, project_id: str, run_id: str, task_id: str) -> Reply:
    """GET /projects/{projectId}/runs/{runId}/tasks/{taskId}"""
    return ok(await tasks.get_task(ctx, project_id, run_id, task_id))
