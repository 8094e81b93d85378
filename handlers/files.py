"""Files over HTTP."""

from handlers.gateway.respond import Reply, ok
from services import files
from services.context import Context


async def list_refs(ctx: Context, project_id: str) -> Reply:
    """GET /projects/{projectId}/refs"""
    return ok(await files.list_refs(ctx, project_id))


async def list_files(ctx: Context, project_id: str, ref: str, path: str) -> Reply:
    """GET /projects/{projectId}/files"""
    return ok(await files.list_files(ctx, project_id, ref, path))


async def get_file(ctx: Context, project_id: str, path: str, ref: str) -> Reply:
    """GET /projects/{projectId}/files/{path}"""
    return ok(await files.get_file(ctx, project_id, path, ref))
