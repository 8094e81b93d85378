"""Schedules that many processes fire at once, some of which are killed: each time has one job."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
import pytest

from generated.models import CatchUp, JobTemplate, NewSchedule
from services import schedules
from services.context import App
from tests.conftest import Form, tenant
from tests.faults import firers

MINUTE = timedelta(minutes=1)
PATIENCE_S = 120.0
JOB = JobTemplate(kind="http", input={"url": "https://example.com/report"})

SOUND = """
    SELECT count(*), count(DISTINCT run.options -> 'metadata'),
        count(DISTINCT (task.tenant_id, task.id)), count(DISTINCT (ready.tenant_id, ready.task_id)),
        count(DISTINCT event.id)
    FROM run LEFT JOIN task ON task.run_id = run.id LEFT JOIN ready ON ready.run_id = run.id
    LEFT JOIN event ON event.run_id = run.id"""
COPIES = """
    INSERT INTO schedule (
        tenant_id, id, name, cron, time_zone, catch_up, catch_up_limit, overlap, job)
    SELECT tenant_id, id || n, name || n, cron, time_zone, catch_up, catch_up_limit, overlap, job
    FROM schedule, generate_series(1, %s) AS n"""
JOBS = "SELECT count(*) FROM run"
AHEAD = "SELECT DISTINCT last_run_at, next_run_at FROM schedule"


async def every_minute(app: App, owner: psycopg.Connection, tenants: int, each: int) -> datetime:
    """Schedules of every minute, in tenants; the time that all wait for."""
    for number in range(tenants):
        ctx = await tenant(app, f"tenant {number}")
        new = NewSchedule(name="First", cron="* * * * *", job=JOB, catch_up=CatchUp.all)
        made = await schedules.create_schedule(ctx, new)
    owner.execute(COPIES, [each - 1])
    owner.execute("UPDATE schedule SET next_run_at = %s", made.next_runs[:1])
    return made.next_runs[0]


@contextmanager
def firer(
    url: str, folder: Path, first: datetime, minutes: int, at_once: int
) -> Iterator[BaseProcess]:
    """A process that fires what is due at each of so many minutes."""
    process = firers.started(url, folder, first, minutes, at_once)
    try:
        yield process
    finally:
        process.kill()
        process.join()


def check(owner: psycopg.Connection, expected: int, last: datetime) -> None:
    """Each time of each schedule has one job, which is whole; all schedules have moved on."""
    assert owner.execute(SOUND).fetchone() == (expected,) * 5
    assert owner.execute(AHEAD).fetchall() == [(last, last + MINUTE)]


@pytest.mark.long
async def test_many_that_fire_at_once_fire_each_time_once(
    app: App, database: str, tmp_path: Path, form: Form
) -> None:
    processes, minutes = 4, form.pick(2, 60)
    with psycopg.connect(database, autocommit=True) as owner, ExitStack() as stack:
        first = await every_minute(app, owner, 4, 50)
        began = time.monotonic()
        running = [
            stack.enter_context(firer(database, tmp_path, first, minutes, 8))
            for _ in range(processes)
        ]
        for process in running:
            await asyncio.to_thread(process.join, PATIENCE_S)
            assert process.exitcode == 0
        check(owner, 200 * minutes, first + (minutes - 1) * MINUTE)
    form.say(firers=processes * 8, jobs=200 * minutes, seconds=time.monotonic() - began)


@pytest.mark.long
async def test_firers_that_are_killed_leave_no_time_out_and_fire_none_twice(
    app: App, database: str, tmp_path: Path, form: Form
) -> None:
    minutes, each, kills = form.pick(25, 400), 10, form.pick(3, 40)
    expected = 2 * each * minutes
    thresholds = sorted(form.random.sample(range(expected * 9 // 10), kills))
    with psycopg.connect(database, autocommit=True) as owner, ExitStack() as stack:
        first = await every_minute(app, owner, 2, each)

        def start() -> BaseProcess:
            return stack.enter_context(firer(database, tmp_path, first, minutes, 2))

        running = [start(), start()]
        for threshold in thresholds:
            await reached(owner, threshold)
            victim = form.random.randrange(2)
            running[victim].kill()
            running[victim] = start()
        for process in running:
            await asyncio.to_thread(process.join, PATIENCE_S)
            assert process.exitcode == 0
        check(owner, expected, first + (minutes - 1) * MINUTE)
    form.say(kills=kills, jobs=expected)


async def reached(owner: psycopg.Connection, jobs: int) -> None:
    """Wait until there are so many jobs."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        row = owner.execute(JOBS).fetchone()
        if row is not None and row[0] >= jobs:
            return
        await asyncio.sleep(0.002)
    raise TimeoutError(f"There are no {jobs} jobs.")
