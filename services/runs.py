"""Runs: builds of an approved spec, as callers see them. `builds` does their work."""

from datetime import datetime

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import (
    AgentName,
    NewRun,
    Outcome,
    ProjectStatus,
    Run,
    RunCreated,
    RunState,
    RunStatus,
    RunSummary,
    RunTrigger,
    Spec,
    SpecDocuments,
    StartRun,
)
from services import agents, builds
from services.adapters.agents import Brief
from services.context import Context
from services.engine import events
from services.engine.ending import end_run
from services.engine.graph.adding import add_tasks
from services.errors import NotFound, PraziumError, WrongState
from services.pages import Page, page_of
from services.projects import refusal, require

sql = load("runs")
project_sql = load("projects")
spec_sql = load("specs")

LIVE = [RunStatus.decomposing, RunStatus.executing, RunStatus.merging, RunStatus.verifying]
ENDED = [RunStatus.succeeded, RunStatus.failed, RunStatus.cancelled]
STARTABLE = [ProjectStatus.approved, ProjectStatus.completed, ProjectStatus.failed]


class ApprovedRow(msgspec.Struct, frozen=True):
    """An approved spec with the brief that it was written from."""

    version: int
    brief: Brief
    documents: SpecDocuments
    created_at: datetime
    approved_at: datetime


class SourceRow(msgspec.Struct, frozen=True):
    """A run whose work is to be done again."""

    status: RunStatus
    agent: AgentName
    spec_version: int
    input: builds.BuildInput


class CreatedAt(msgspec.Struct, frozen=True):
    """When a row was written."""

    created_at: datetime


async def start_run(ctx: Context, project_id: str, request: StartRun) -> NewRun:
    """Build the approved spec.

    Raises: NotFound, WrongState unless the spec is approved and no run is live, ValidationFailed if
    the agent is not set up.
    """
    agent = request.agent or AgentName(ctx.settings.agent)
    async with ctx.transaction() as tx:
        number = await begin_building(tx, project_id)
        agents.named(ctx.settings, agent)
        given = await approved_input(tx, project_id)
        return await create_run(ctx, tx, project_id, number, agent, given)


async def retry_run(ctx: Context, project_id: str, run_id: str) -> NewRun:
    """Start a new run with the same spec and agent.

    Raises: NotFound, WrongState unless this run has ended and no other is live, ValidationFailed if
    the agent is not set up any more.
    """
    async with ctx.transaction() as tx:
        source = await tx.first(sql.get_source, SourceRow, project_id=project_id, run_id=run_id)
        if source is None:
            raise NotFound("There is no such run.")
        if source.status in LIVE:
            raise WrongState("run", source.status, [str(state) for state in ENDED])
        number = await begin_building(tx, project_id)
        agents.named(ctx.settings, source.agent)
        return await create_run(
            ctx, tx, project_id, number, source.agent, source.input, retry_of=run_id
        )


async def list_runs(
    ctx: Context, project_id: str, page: int, page_size: int, status: RunStatus | None
) -> Page[RunSummary]:
    """A page of the project's runs, newest first.

    Raises: NotFound.
    """
    filters = {"project_id": project_id, "status": status}
    async with ctx.transaction() as tx:
        await require(tx, project_id)
        return await page_of(
            tx, sql.list_runs, sql.count_runs, RunSummary, page, page_size, **filters
        )


async def get_run(ctx: Context, project_id: str, run_id: str) -> Run:
    """The run with its spec, plan, tasks and evidence.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        run = await tx.first(sql.get_run, Run, project_id=project_id, run_id=run_id)
    if run is None:
        raise NotFound("There is no such run.")
    return run


async def cancel_run(ctx: Context, project_id: str, run_id: str) -> RunState:
    """Stop the run; its workers lose their leases and with them the right to write.

    Raises: NotFound, WrongState if the run has ended.
    """
    async with ctx.transaction() as tx:
        await require_run(tx, project_id, run_id)
        if not await end_run(tx, {"build": builds.KIND}, run_id, Outcome.cancelled, None):
            status = await tx.value(sql.get_state, project_id=project_id, run_id=run_id)
            raise WrongState("run", status, [str(state) for state in LIVE])
    return RunState(id=run_id, status=RunStatus.cancelled)


async def require_run(tx: Transaction, project_id: str, run_id: str) -> RunStatus:
    """Where the run stands.

    Raises: NotFound unless it exists in this project.
    """
    status = await tx.value(sql.get_state, project_id=project_id, run_id=run_id)
    if status is None:
        raise NotFound("There is no such run.")
    return RunStatus(status)


async def begin_building(tx: Transaction, project_id: str) -> int:
    """Take the project for a new run; the run's number.

    Raises: NotFound, WrongState (naming the live run, if that is in the way).
    """
    number: int | None = await tx.value(project_sql.begin_building, project_id=project_id)
    if number is None:
        raise await not_startable(tx, project_id)
    return number


async def not_startable(tx: Transaction, project_id: str) -> PraziumError:
    """Why a run cannot be started."""
    error = await refusal(tx, project_id, STARTABLE)
    live = await tx.value(sql.get_live, project_id=project_id)
    if isinstance(error, WrongState) and live:
        error.name(live)
    return error


async def approved_input(tx: Transaction, project_id: str) -> builds.BuildInput:
    """What a run of the approved spec works from."""
    row = await tx.one(spec_sql.get_approved, ApprovedRow, project_id=project_id)
    spec = Spec(
        version=row.version,
        documents=row.documents,
        created_at=row.created_at,
        approved_at=row.approved_at,
    )
    return builds.BuildInput(spec=spec, brief=row.brief)


async def create_run(
    ctx: Context,
    tx: Transaction,
    project_id: str,
    number: int,
    agent: AgentName,
    given: "builds.BuildInput",
    *,
    retry_of: str | None = None,
) -> NewRun:
    """Store a run with its first task."""
    run_id = ctx.new_id("run")
    trigger = RunTrigger.retry if retry_of else RunTrigger.manual
    row = await tx.one(
        sql.create_run,
        CreatedAt,
        id=run_id,
        kind="build",
        project_id=project_id,
        number=number,
        status=RunStatus.decomposing,
        trigger=trigger,
        agent=agent,
        retry_of=retry_of,
        spec_version=given.spec.version,
        input=given,
    )
    await events.record(tx, run_id, RunCreated(kind="build"))
    await add_tasks(tx, run_id, [builds.first_task()])
    return NewRun(
        id=run_id,
        project_id=project_id,
        run_number=number,
        status=RunStatus.decomposing,
        trigger=trigger,
        agent=agent,
        retry_of=retry_of or msgspec.UNSET,
        created_at=row.created_at,
    )
