"""Projects over HTTP."""

from generated.models import CreateProject, ProjectStatus, UpdateProject
from handlers.gateway.conditional import tagged, unless_changed
from handlers.gateway.respond import Reply, created, ok, paged
from services import projects
from services.context import Context


async def create_project(ctx: Context, body: CreateProject) -> Reply:
    """POST /projects"""
    project = await projects.create_project(ctx, body)
    return created(project, f"/projects/{project.id}")


async def list_projects(
    ctx: Context, page: int, page_size: int, status: ProjectStatus | None, search: str | None
) -> Reply:
    """GET /projects"""
    return paged(await projects.list_projects(ctx, page, page_size, status, search))


async def get_project(ctx: Context, project_id: str) -> Reply:
    """GET /projects/{projectId}"""
    return ok(await projects.get_project(ctx, project_id))


async def update_project(
    ctx: Context, project_id: str, if_match: str | None, body: UpdateProject
) -> Reply:
    """PATCH /projects/{projectId}"""
    check = unless_changed(if_match)
    return tagged(ok(await projects.update_project(ctx, project_id, body, check)))


async def delete_project(ctx: Context, project_id: str) -> Reply:
    """DELETE /projects/{projectId}"""
    return ok(await projects.delete_project(ctx, project_id))
