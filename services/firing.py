"""Firing: the jobs of schedules whose time has come.

Every worker process does this several times a second. Whoever fires a schedule holds its row,
creates its jobs and moves it on to its next time in one transaction; others go around the row. So a
time has its job or is still to come, whatever is killed, and however many fire at once.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import structlog

from db.pool import Transaction, records
from db.queries import load
from generated.models import CatchUp, JobTemplate, Overlap, ScheduleSkipped, SkipReason
from services import kinds, tracing
from services.context import Actor, App, Context, new_id, system_transaction
from services.cron import Cron
from services.engine import events
from services.engine.enqueue import NewRun, enqueue
from services.errors import ValidationFailed
from services.kinds import Inputs
from services.schedules import job_of, most_made_up
from services.tracing import CURRENT, Origin

sql = load("schedules")
log = structlog.get_logger()

BATCH = 100
MOST_JOBS = 1000
"""So many jobs are created in one transaction, at least those of one schedule."""
MOST_BYTES = 8 * 1024 * 1024
"""Of inputs in one statement."""
ON_TIME = timedelta(seconds=60)
"""A time that passed less than so long ago was not missed."""


class TenantRow(msgspec.Struct, frozen=True):
    """A tenant."""

    tenant_id: str


class DueRow(msgspec.Struct, frozen=True):
    """A schedule whose time has come, and whether its last job lives."""

    id: str
    cron: str
    time_zone: str
    catch_up: CatchUp
    catch_up_limit: int
    overlap: Overlap
    job: JobTemplate
    next_run_at: datetime
    now: datetime
    is_live: bool


class Firing(msgspec.Struct, frozen=True):
    """What becomes of a due schedule: jobs by their times, or why there are none; its next time."""

    row: DueRow
    jobs: dict[datetime, NewRun]
    next_run_at: datetime | None
    skipped: SkipReason | None = None


async def fire(app: App, now: datetime | None = None) -> int:
    """Create the jobs of all schedules whose time has come; how many there were.

    Tenants take turns, so that none waits for all of another's; what fails for one stops no other.
    `now` takes the place of the database's clock.
    """
    created, left_out = 0, defaultdict[str, list[str]](list)
    while True:
        async with system_transaction(app) as tx:
            due = await tx.all(sql.list_due_tenants, TenantRow, now=now)
        turns = [await fire_some(app, row.tenant_id, left_out[row.tenant_id], now) for row in due]
        if not any(turns):
            return created
        created += sum(len(firing.jobs) for firings in turns for firing in firings)


async def fire_some(
    app: App, tenant_id: str, left_out: list[str], now: datetime | None = None
) -> list[Firing]:
    """Fire some of a tenant's due schedules; those that cannot be read are added to `left_out`."""
    ctx = Context(app, Actor(tenant_id, "schedules", kind="worker"), new_id("req"))
    CURRENT.set(Origin(ctx.request_id, tracing.begun()))
    try:
        async with ctx.transaction() as tx:
            due = await tx.all(sql.claim_due, DueRow, now=now, left_out=left_out, limit=BATCH)
            firings, unreadable = await planned(ctx, tx, due)
            if firings:
                await carry_out(tx, firings)
    except Exception as error:
        log.error("schedules.failed", tenant_id=tenant_id, exc_info=error)
        return []
    left_out += unreadable
    return firings


async def planned(
    ctx: Context, tx: Transaction, due: list[DueRow]
) -> tuple[list[Firing], list[str]]:
    """What becomes of them, as far as it fits into one transaction: the others stay due.

    And the ids of those whose zone this machine does not know.
    """
    inputs = await kinds.inputs_of(ctx, tx, [row.job.kind for row in due])
    firings, unreadable, jobs = list[Firing](), list[str](), 0
    for row in due:
        try:
            cron = Cron(row.cron, row.time_zone)
        except ValidationFailed as error:
            log.warning("schedule.unreadable", schedule_id=row.id, error=str(error))
            unreadable.append(row.id)
            continue
        firing = firing_of(ctx, row, cron, inputs)
        jobs += len(firing.jobs)
        if firings and jobs > MOST_JOBS:
            break
        firings.append(firing)
    return firings, unreadable


def firing_of(ctx: Context, row: DueRow, cron: Cron, inputs: Inputs) -> Firing:
    """What becomes of a due schedule."""
    following = cron.next(row.now)
    if row.overlap == Overlap.skip and row.is_live:
        return Firing(row, {}, following, SkipReason.overlap)
    times = times_of(row, cron)
    if not times:
        return Firing(row, {}, following, SkipReason.late)
    try:
        jobs = {time: job_of(ctx, row.id, row.job, time, inputs) for time in times}
    except ValidationFailed:
        return Firing(row, {}, following, SkipReason.invalid)
    return Firing(row, jobs, following)


def times_of(row: DueRow, cron: Cron) -> list[datetime]:
    """The times that get a job.

    With new rules of a zone, a time that was announced may be none any more: it still comes.
    """
    times = cron.newest(row.next_run_at, row.now, most_made_up(row)) or [row.next_run_at]
    is_late = row.now - times[-1] > ON_TIME
    return [] if row.catch_up == CatchUp.none and is_late else times


async def carry_out(tx: Transaction, firings: list[Firing]) -> None:
    """Create the jobs and move the schedules on."""
    for jobs in portions([job for firing in firings for job in firing.jobs.values()]):
        await enqueue(tx, jobs)
    moves = [move_of(firing) for firing in firings]
    if await tx.run(sql.move_schedules, moves=records(moves)) != len(moves):
        raise RuntimeError("a schedule was moved on by someone who does not lock it")
    for firing in firings:
        if firing.skipped:
            row = firing.row
            skip = ScheduleSkipped(
                schedule_id=row.id, scheduled_for=row.next_run_at, reason=firing.skipped
            )
            await events.record_tenant(tx, row.id, skip)


def portions(jobs: list[NewRun]) -> Iterator[list[NewRun]]:
    """Jobs as many as one statement can take: a thousand may have large inputs."""
    portion, size = list[NewRun](), 0
    for job in jobs:
        length = len(msgspec.json.encode(job.input))
        if portion and size + length > MOST_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(job)
        size += length
    if portion:
        yield portion


def move_of(firing: Firing) -> dict[str, object]:
    """How a schedule is moved on."""
    time, job = list(firing.jobs.items())[-1] if firing.jobs else (None, None)
    return {
        "id": firing.row.id,
        "due_at": firing.row.next_run_at,
        "next_run_at": firing.next_run_at,
        "last_run_at": time,
        "last_job_id": job and job.id,
    }
