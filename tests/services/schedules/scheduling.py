"""Schedules of a test's tenant, and what came of them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from db.queries import Query
from generated.models import JobTemplate, NewSchedule, Schedule
from services import firing, schedules
from services.context import Context

URL = {"url": "https://example.com/report"}
JOB = JobTemplate(kind="http", input=URL, tags=["report"], metadata={"of": "sales"})
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

RUNS = Query(
    "test.runs",
    b"SELECT id, status, trigger, options -> 'metadata' ->> 'scheduledFor' AS scheduled_for,"
    b" options, tags, input FROM run WHERE options ->> 'scheduleId' = %(schedule_id)s"
    b" ORDER BY options -> 'metadata' ->> 'scheduledFor', id",
)
EVENTS = Query("test.events", b"SELECT type, payload FROM event WHERE run_id IS NULL ORDER BY id")


class RunRow(msgspec.Struct):
    """A job of a schedule."""

    id: str
    status: str
    trigger: str
    scheduled_for: str
    options: dict[str, Any]
    tags: list[str] | None
    input: dict[str, Any]


class EventRow(msgspec.Struct):
    """An event of the tenant."""

    type: str
    payload: dict[str, Any]


async def fire(ctx: Context, now: datetime | None = None) -> int:
    """Fire the tenant's schedules; how many jobs were created."""
    fired = await firing.fire_some(ctx.app, ctx.actor.tenant_id, [], now)
    return sum(len(one.jobs) for one in fired)


async def scheduled(ctx: Context, **given: Any) -> Schedule:
    """A new schedule, of every hour unless something else is given."""
    new = {"name": "Report", "cron": "0 * * * *", "job": JOB} | given
    return await schedules.create_schedule(ctx, NewSchedule(**new))


async def jobs(ctx: Context, schedule: Schedule) -> list[RunRow]:
    """The jobs of a schedule by their times."""
    async with ctx.transaction() as tx:
        return await tx.all(RUNS, RunRow, schedule_id=schedule.id)


async def times(ctx: Context, schedule: Schedule) -> list[datetime]:
    """The times for which a schedule has created jobs."""
    return [datetime.fromisoformat(job.scheduled_for) for job in await jobs(ctx, schedule)]


async def happened(ctx: Context) -> list[str]:
    """The types of the tenant's events outside any run."""
    async with ctx.transaction() as tx:
        return [event.type for event in await tx.all(EVENTS, EventRow)]


def following(hours: int, start: datetime) -> list[datetime]:
    """So many full hours from a time on."""
    return [start + n * HOUR for n in range(hours)]


async def passed(ctx: Context, schedule: Schedule, span: timedelta) -> None:
    """Let a schedule wait for a time that was so long ago."""
    back = Query(
        "test.back",
        b"UPDATE schedule SET next_run_at = next_run_at - %(span)s WHERE id = %(schedule_id)s",
    )
    async with ctx.transaction() as tx:
        await tx.run(back, schedule_id=schedule.id, span=span)
