"""What workers do beside their tasks: again and again, in time, and whatever else fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
import pytest

from db.queries import Query
from generated.models import JobTemplate, NewSchedule
from services import duties, firing, schedules
from services.context import App, Context
from services.duties import Duty

SOON = Query("test.soon", b"UPDATE schedule SET next_run_at = clock_timestamp() + interval '0.5 s'")
LATENCY = Query(
    "test.latency",
    b"SELECT run.created_at, schedule.last_run_at FROM run JOIN schedule"
    b" ON schedule.last_job_id = run.id",
)


class Latency(msgspec.Struct):
    """When a job was created, and for when."""

    created_at: datetime
    last_run_at: datetime


@contextlib.asynccontextmanager
async def kept(app: App, *done: Duty) -> AsyncIterator[None]:
    """Duties that are done meanwhile."""
    tasks = [asyncio.create_task(duties.perform(app, duty)) for duty in done]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_duty_that_fails_is_tried_again_and_stops_no_other(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duties, "RETRY_S", 0.01)
    done: list[str] = []

    async def fails(_: App) -> None:
        done.append("fails")
        raise RuntimeError("It is stuck.")

    async def works(_: App) -> None:
        done.append("works")

    async with kept(app, Duty(fails, 0.01), Duty(works, 0.01)):
        await asyncio.sleep(0.2)
    assert done.count("fails") > 2
    assert done.count("works") > 2


async def test_a_schedule_fires_within_a_second_of_its_time(app: App, ctx: Context) -> None:
    job = JobTemplate(kind="http", input={"url": "https://example.com/report"})
    new = NewSchedule(name="Soon", cron="@yearly", job=job)
    made = await schedules.create_schedule(ctx, new)
    async with kept(app, *[duty for duty in duties.DUTIES if duty.chore is firing.fire]):
        async with ctx.transaction() as tx:
            await tx.run(SOON)
        await asyncio.sleep(1.5)
    async with ctx.transaction() as tx:
        found = await tx.one(LATENCY, Latency)
    assert 0 <= (found.created_at - found.last_run_at).total_seconds() < 1
    assert (await schedules.get_schedule(ctx, made.id)).next_runs == made.next_runs
