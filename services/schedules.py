"""Schedules: a job that is created again and again, at the times of a cron expression.

`services/firing.py` creates the jobs. Whoever changes a schedule locks it first, and so does
whoever fires it; `next_run_at` is the first time that has had no job yet, and only goes forward.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeVar

import msgspec
from msgspec import UNSET

from db.pool import Transaction
from db.queries import load
from generated.models import (
    CatchUp,
    CreatedJob,
    FieldError,
    JobTemplate,
    NewJob,
    NewSchedule,
    Overlap,
    Schedule,
    ScheduleCreated,
    ScheduleDeleted,
    SchedulePaused,
    ScheduleResumed,
    ScheduleUpdated,
    TenantEvent,
    UpdateSchedule,
)
from services import feed, job_changes, job_kinds, kinds
from services.context import Context
from services.cron import Cron, checked
from services.cursors import Section
from services.engine import events, lanes
from services.engine.enqueue import DEFAULT_QUEUE, NewRun
from services.errors import (
    Conflict,
    NotFound,
    TooManySchedules,
    ValidationFailed,
    invalid_fields,
)
from services.keys import allow_queues
from services.kinds import Inputs
from services.new_jobs import OF_SCHEDULES, run_of
from services.pages import Page, page_of

sql = load("schedules")

ZONE = "UTC"
CATCH_UP_LIMIT = 100
MOST = 1000
SHOWN_RUNS = 5
Row = TypeVar("Row")


class Policy(Protocol):
    """What becomes of times that have passed."""

    @property
    def catch_up(self) -> CatchUp: ...

    @property
    def catch_up_limit(self) -> int: ...

    @property
    def overlap(self) -> Overlap: ...


class ScheduleRow(msgspec.Struct, frozen=True):
    """A schedule as it is stored."""

    id: str
    name: str
    cron: str
    time_zone: str
    catch_up: CatchUp
    catch_up_limit: int
    overlap: Overlap
    job: JobTemplate
    paused_at: datetime | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: str | None
    created_at: datetime
    updated_at: datetime


class LockedRow(ScheduleRow, frozen=True):
    """A schedule that nobody else changes or fires, and the database's time."""

    now: datetime


async def create_schedule(ctx: Context, new: NewSchedule) -> Schedule:
    """Have a job created at the times of a cron expression from now on.

    Raises: ValidationFailed if it never fires, there is no such zone or its kind does not take the
    input, Forbidden for a queue that the key may not use, ScheduleNameTaken, TooManySchedules.
    """
    now, zone = ctx.now(), new.time_zone or ZONE
    cron = checked(new.cron, zone, now)
    async with ctx.transaction() as tx:
        await admit_job(ctx, tx, new.job)
        row = await tx.first(
            sql.create_schedule,
            ScheduleRow,
            id=ctx.new_id("sch"),
            name=new.name,
            cron=new.cron,
            time_zone=zone,
            catch_up=new.catch_up or CatchUp.one,
            catch_up_limit=new.catch_up_limit or CATCH_UP_LIMIT,
            overlap=new.overlap or Overlap.allow,
            job=new.job,
            paused=new.paused or False,
            next_run_at=cron.next(now),
            most=MOST,
        )
        if row is None:
            raise TooManySchedules()
        await events.record_tenant(tx, row.id, ScheduleCreated(schedule_id=row.id, name=row.name))
    return shown(row)


async def list_schedules(ctx: Context, page: int, page_size: int) -> Page[Schedule]:
    """A page of the tenant's schedules, by name."""
    async with ctx.transaction() as tx:
        found = await page_of(
            tx, sql.list_schedules, sql.count_schedules, ScheduleRow, page, page_size
        )
    items = []
    for row in found.items:
        items.append(shown(row))
        await asyncio.sleep(0)  # some dates are years apart: others go on between two searches
    return Page(items, found.pagination)


async def get_schedule(ctx: Context, schedule_id: str) -> Schedule:
    """The schedule with its next times.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        row = await tx.first(sql.get_schedule, ScheduleRow, schedule_id=schedule_id)
    return shown(existing(row))


async def update_schedule(
    ctx: Context,
    schedule_id: str,
    change: UpdateSchedule,
    check: Callable[[Schedule], None] | None = None,
) -> Schedule:
    """Change what is given, unless `check` raises for the schedule as it is.

    Another expression or zone counts from now on.
    Raises: NotFound, as for a new one, and what `check` raises.
    """
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value}
    async with ctx.transaction() as tx:
        row = await locked(ctx, tx, schedule_id)
        if check is not None:
            check(shown(row))
        changed = msgspec.structs.replace(row, **given)
        if "job" in given:
            await admit_job(ctx, tx, changed.job)
        if given.keys() & {"cron", "time_zone"}:
            cron = checked(changed.cron, changed.time_zone, row.now)
            changed = msgspec.structs.replace(changed, next_run_at=next_of(cron, row))
        stored = await store(tx, changed)
        names = sorted(msgspec.to_builtins(change))
        await events.record_tenant(tx, row.id, ScheduleUpdated(schedule_id=row.id, fields=names))
    return shown(stored)


async def pause_schedule(ctx: Context, schedule_id: str) -> Schedule:
    """Create no jobs until it is resumed; one that is paused stays as it is.

    Raises: NotFound, Forbidden.
    """
    async with ctx.transaction() as tx:
        row = await locked(ctx, tx, schedule_id)
        if row.paused_at:
            return shown(row)
        stored = await store(tx, msgspec.structs.replace(row, paused_at=row.now))
        await events.record_tenant(tx, row.id, SchedulePaused(schedule_id=row.id))
    return shown(stored)


async def resume_schedule(ctx: Context, schedule_id: str) -> Schedule:
    """Create jobs again, at once for the times of the pause that its `catchUp` makes up for.

    Raises: NotFound, Forbidden.
    """
    async with ctx.transaction() as tx:
        row = await locked(ctx, tx, schedule_id)
        if not row.paused_at:
            return shown(row)
        following = after_pause(Cron(row.cron, row.time_zone), row)
        stored = await store(
            tx, msgspec.structs.replace(row, paused_at=None, next_run_at=following)
        )
        await events.record_tenant(tx, row.id, ScheduleResumed(schedule_id=row.id))
    return shown(stored)


async def trigger_schedule(ctx: Context, schedule_id: str) -> CreatedJob:
    """Create its job now, whatever its times and its last job say.

    Raises: NotFound, Forbidden, Conflict if its kind is gone, or has changed so that it does not
    take the input any more.
    """
    async with ctx.transaction() as tx:
        row = await locked(ctx, tx, schedule_id)
        inputs = await kinds.inputs_of(ctx, tx, [row.job.kind])
        try:
            run = job_of(ctx, row.id, row.job, row.now, inputs, trigger="manual")
        except ValidationFailed as error:
            raise Conflict(f"The schedule's job cannot be created any more. {error}") from error
        [job] = await job_changes.created(tx, [run])
        await tx.run(sql.trigger_schedule, schedule_id=row.id, job_id=job.id)
    return job


async def delete_schedule(ctx: Context, schedule_id: str) -> Schedule:
    """Create no more jobs; those that it created stay.

    Raises: NotFound, Forbidden.
    """
    async with ctx.transaction() as tx:
        await locked(ctx, tx, schedule_id)
        gone = await tx.one(sql.delete_schedule, ScheduleRow, schedule_id=schedule_id)
        await events.record_tenant(
            tx, gone.id, ScheduleDeleted(schedule_id=gone.id, name=gone.name)
        )
    return shown(gone)


async def list_schedule_events(
    ctx: Context, schedule_id: str, cursor: str | None, limit: int
) -> Section[TenantEvent]:
    """What became of the schedule, newest first, also if it is gone.

    Raises: NotFound, ValidationFailed for a cursor of another list.
    """
    section = await feed.list_about(ctx, "schedule", schedule_id, cursor, limit)
    if not section.items:
        raise NotFound("There is no such schedule.")
    return section


async def locked(ctx: Context, tx: Transaction, schedule_id: str) -> LockedRow:
    """The schedule, which nobody else changes or fires before the transaction ends.

    Raises: NotFound, Forbidden if it sends jobs to a queue that the key may not use.
    """
    row = existing(await tx.first(sql.lock_schedule, LockedRow, schedule_id=schedule_id))
    allow_queues(ctx.actor, [row.job.queue or DEFAULT_QUEUE])
    return row


async def store(tx: Transaction, row: LockedRow) -> ScheduleRow:
    """Write a locked schedule as it is to be.

    Raises: ScheduleNameTaken.
    """
    fields = msgspec.structs.asdict(row)
    return await tx.one(sql.update_schedule, ScheduleRow, schedule_id=row.id, **fields)


def existing(row: Row | None) -> Row:
    """The row.

    Raises: NotFound if there is none.
    """
    if row is None:
        raise NotFound("There is no such schedule.")
    return row


def after_pause(cron: Cron, row: LockedRow) -> datetime | None:
    """The first time that gets a job: of those that have passed, only some do."""
    if row.catch_up == CatchUp.none:
        return next_of(cron, row)
    first = row.next_run_at
    missed = cron.newest(first, row.now, most_made_up(row)) if first else []
    return missed[0] if missed else first


def most_made_up(policy: Policy) -> int:
    """How many of the times that have passed get a job at most."""
    all_of_them = policy.catch_up == CatchUp.all and policy.overlap == Overlap.allow
    return policy.catch_up_limit if all_of_them else 1


def next_of(cron: Cron, row: LockedRow) -> datetime | None:
    """The first time that is ahead, also of those that were fired by a clock a little faster."""
    return cron.next(max(row.now, row.last_run_at or row.now))


def shown(row: ScheduleRow) -> Schedule:
    """A schedule as callers see it."""
    return Schedule(
        id=row.id,
        name=row.name,
        cron=row.cron,
        time_zone=row.time_zone,
        catch_up=row.catch_up,
        catch_up_limit=row.catch_up_limit,
        overlap=row.overlap,
        paused=row.paused_at is not None,
        job=without_secrets(row.job),
        last_run_at=row.last_run_at,
        last_job_id=row.last_job_id,
        next_runs=next_runs(row),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def without_secrets(template: JobTemplate) -> JobTemplate:
    """A template as it may be seen."""
    shown_input = job_kinds.shown_input(template.kind, template.input or {})
    return msgspec.structs.replace(template, input=shown_input or UNSET)


def next_runs(row: ScheduleRow) -> list[datetime]:
    """Its next times; none while it is paused."""
    if row.paused_at or row.next_run_at is None:
        return []
    return list(times_from(row.next_run_at, row.cron, row.time_zone))


@lru_cache(maxsize=4 * MOST)
def times_from(first: datetime, expression: str, zone: str) -> tuple[datetime, ...]:
    """The first of some times and those that follow; kept, as to find them can take ms."""
    before = first - timedelta(seconds=1)
    return tuple(islice(Cron(expression, zone).after(before), SHOWN_RUNS))


def job_of(
    ctx: Context,
    schedule_id: str,
    template: JobTemplate,
    time: datetime,
    inputs: Inputs,
    trigger: str = "schedule",
) -> NewRun:
    """The job of a schedule for a time.

    Raises: ValidationFailed, from the template on, if its kind does not take it (any more),
    Forbidden for a queue that the key may not use.
    """
    run = run_of(ctx, msgspec.convert(msgspec.to_builtins(template), NewJob), inputs)
    scheduled_for = time.isoformat().replace("+00:00", "Z")
    origin = dict(zip(OF_SCHEDULES, (schedule_id, scheduled_for), strict=True))
    options = msgspec.structs.replace(
        run.options, schedule_id=schedule_id, metadata=run.options.metadata | origin
    )
    return msgspec.structs.replace(run, options=options, trigger=trigger)


async def admit_job(ctx: Context, tx: Transaction, template: JobTemplate) -> None:
    """Make sure that a template gives jobs that the caller may create, and a place for them.

    Raises: ValidationFailed below `/job`, Forbidden for a queue that the key may not use,
    TooManyQueues, TooManyLanes.
    """
    inputs = await kinds.inputs_of(ctx, tx, [template.kind])
    try:
        run = job_of(ctx, "", template, ctx.now(), inputs)
    except ValidationFailed as error:
        raise below("/job", error) from error
    await lanes.make(tx, [run.lane(tx.tenant)])


def below(at: str, error: ValidationFailed) -> ValidationFailed:
    """The same findings in a part of a whole."""
    found = error.details if isinstance(error.details, list) else []
    return invalid_fields(
        [FieldError(field_=at + one.field_, message=one.message) for one in found]
    )
