"""Projects: what is to be built, and how far it is."""

from collections.abc import Callable

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import (
    CreateProject,
    Project,
    ProjectArchived,
    ProjectCreated,
    ProjectState,
    ProjectStatus,
    ProjectSummary,
    ProjectUpdated,
    UpdateProject,
)
from services.context import Context
from services.engine import events
from services.errors import NotFound, PraziumError, WrongState
from services.pages import Page, page_of

sql = load("projects")


class ArchivedProject(msgspec.Struct, frozen=True):
    """What is known of a project in the moment of its archiving."""

    id: str
    status: ProjectStatus
    name: str


async def create_project(ctx: Context, new: CreateProject) -> Project:
    """Open a draft project in the caller's tenant.

    Raises: NameTaken if the tenant has a live project of that name.
    """
    async with ctx.transaction() as tx:
        project = await tx.one(
            sql.create_project,
            Project,
            id=ctx.new_id("proj"),
            name=new.name,
            description=new.description,
        )
        await events.record_project(tx, project.id, ProjectCreated(name=project.name))
    return project


async def list_projects(
    ctx: Context, page: int, page_size: int, status: ProjectStatus | None, search: str | None
) -> Page[ProjectSummary]:
    """A page of the tenant's projects, newest first; archived ones are left out."""
    filters = {"status": status, "search": search}
    async with ctx.transaction() as tx:
        return await page_of(
            tx, sql.list_projects, sql.count_projects, ProjectSummary, page, page_size, **filters
        )


async def get_project(ctx: Context, project_id: str) -> Project:
    """The project with its newest spec and latest run.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        return await found(tx, project_id)


async def update_project(
    ctx: Context,
    project_id: str,
    change: UpdateProject,
    check: Callable[[Project], None] | None = None,
) -> Project:
    """Change the name or the description, unless `check` raises for the project as it is.

    Raises: NotFound, NameTaken, and what `check` raises.
    """
    fields = {name: value for name, value in msgspec.structs.asdict(change).items() if value}
    async with ctx.transaction() as tx:
        if check is not None:
            await tx.run(sql.lock_project, project_id=project_id)
            check(await found(tx, project_id))
        await tx.run(
            sql.update_project,
            project_id=project_id,
            name=fields.get("name"),
            description=fields.get("description"),
        )
        project = await found(tx, project_id)
        await events.record_project(tx, project_id, ProjectUpdated(fields=sorted(fields)))
    return project


async def delete_project(ctx: Context, project_id: str) -> ProjectState:
    """Archive the project; from then on it is answered as missing.

    Raises: NotFound, WrongState while a run is live.
    """
    async with ctx.transaction() as tx:
        archived = await tx.first(sql.archive_project, ArchivedProject, project_id=project_id)
        if archived is None:
            allowed = [s for s in ProjectStatus if s not in ("building", "archived")]
            raise await refusal(tx, project_id, allowed)
        await events.record_project(tx, project_id, ProjectArchived(name=archived.name))
    return ProjectState(id=archived.id, status=archived.status)


async def found(tx: Transaction, project_id: str) -> Project:
    """The project.

    Raises: NotFound.
    """
    project = await tx.first(sql.get_project, Project, project_id=project_id)
    if project is None:
        raise NotFound("There is no such project.")
    return project


async def require(tx: Transaction, project_id: str) -> None:
    """Make sure that the project exists.

    Raises: NotFound.
    """
    if await tx.value(sql.get_state, project_id=project_id) is None:
        raise NotFound("There is no such project.")


async def refusal(tx: Transaction, project_id: str, allowed: list[ProjectStatus]) -> PraziumError:
    """Why a guarded change of the project touched no row: it is missing, or in another state."""
    status = await tx.value(sql.get_state, project_id=project_id)
    if status is None:
        return NotFound("There is no such project.")
    return WrongState("project", status, [str(state) for state in allowed])
