"""Workers that are killed at any moment: no job is lost, and nothing recorded is doubled."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from services.context import Context, new_id
from services.engine.enqueue import NewRun, enqueue
from tests.conftest import Form
from tests.faults.nursery import LEASE_S
from tests.faults.workers import Nursery, nursery_of

BATCH = 1000
WORKERS = 2
STALLED = 6
QUERIES = {
    "engine.claim_tasks": 3,
    "solo.read_solo": 3,
    "solo.begin_solo": 3,
    "solo.finish_solo": 4,
    "engine.fence": 8,
    "test.effect": 5,
    "engine.retry_task": 1,
    "engine.record_run_events": 1,
    "engine.free_tasks": 2,
    "engine.list_lost": 2,
    "engine.lose_tasks": 1,
    "engine.list_expired": 2,
    "engine.extend_leases": 1,
}
"""Where a worker kills itself, before and after; at a turn up to so many."""
POINTS = [(name, place) for name in QUERIES for place in ("before", "after")]
TABLES = """
    CREATE TABLE effect (tenant_id text DEFAULT current_setting('prazium.tenant'), run_id text);
    GRANT SELECT, INSERT ON effect TO prazium_app;
    CREATE TABLE claim_log (run_id text, attempt integer);
    CREATE FUNCTION log_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN INSERT INTO claim_log VALUES (NEW.run_id, NEW.attempt); RETURN NEW; END $$;
    CREATE TRIGGER claimed AFTER UPDATE ON ready FOR EACH ROW
        WHEN (NEW.attempt > OLD.attempt) EXECUTE FUNCTION log_claim()
"""


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def more_jobs(ctx: Context, form: Form) -> None:
    """A thousand jobs in one transaction."""
    names = ["plain", "plain", "effect"]
    jobs = [
        NewRun(
            id=new_id("job"),
            kind="crash",
            name=form.random.choice(names),
            max_attempts=1000,
            input={
                "n": n,
                "most_s": form.random.choice([0, 0, 0.02, 0.2]),
                "fails": form.random.random() < 0.02,
            },
        )
        for n in range(BATCH)
    ]
    async with ctx.transaction() as tx:
        await enqueue(tx, jobs)


@pytest.fixture
def nursery(database: str, tmp_path: Path) -> Iterator[Nursery]:
    """A nursery on the test's database."""
    with nursery_of(database, tmp_path) as made:
        yield made


@pytest.mark.long
async def test_killed_workers_lose_no_job_and_double_no_effect(
    ctx: Context, database: str, nursery: Nursery, form: Form
) -> None:
    wanted, batches, jobs = *form.pick((24, 3), (200, 20)), 0
    owner = await psycopg.AsyncConnection.connect(database, autocommit=True)
    await owner.execute(TABLES.encode())
    plan = [form.random.choice(["random", "point"]) for _ in range(wanted)]
    plan[: len(POINTS)] = ["point"] * min(len(POINTS), wanted // 2)
    points = [f"{name} {place} {form.random.randint(1, QUERIES[name])}" for name, place in POINTS]
    began, workers = time.monotonic(), [nursery.bear() for _ in range(WORKERS)]
    while plan or await left(owner):
        if jobs < batches or (plan and await left(owner) < BATCH):
            await more_jobs(ctx, form)
            jobs += 1
        for place, pid in enumerate(workers):
            if plan and (not alive(pid) or form.random.random() < 0.2):
                kill(pid)
                what = plan.pop()
                deadly = points[len(plan) % len(points)] if what == "point" else "-"
                workers[place] = nursery.bear(deadly if plan else "-")
            elif not alive(pid):
                workers[place] = nursery.bear()
        await asyncio.sleep(form.random.uniform(0.1, 0.5))
        assert time.monotonic() - began < form.pick(400, 2400)
    for pid in workers:
        kill(pid)
    await check(owner, jobs * BATCH, form)
    form.say(jobs=jobs * BATCH, kills=wanted, seconds=time.monotonic() - began)


@pytest.mark.parametrize("point", ["engine.fence", "solo.finish_solo"])
async def test_what_a_stalled_worker_writes_late_is_refused(
    ctx: Context, database: str, tmp_path: Path, nursery: Nursery, point: str
) -> None:
    owner = await psycopg.AsyncConnection.connect(database, autocommit=True)
    await owner.execute(TABLES.encode())
    name = "effect" if point == "engine.fence" else "plain"
    given = {"n": 1, "most_s": 0, "fails": False}
    jobs = [NewRun(id=new_id("job"), kind="crash", name=name, input=given) for _ in range(200)]
    stalled = [nursery.bear(f"{point} stop 1") for _ in range(STALLED)]
    await true_soon(owner, f"SELECT count(*) = {STALLED} FROM worker")
    async with ctx.transaction() as tx:
        await enqueue(tx, jobs)
    await until(lambda: all(stopped(pid) for pid in stalled))
    held = await count(owner, "SELECT count(*) FROM ready WHERE lease_until IS NOT NULL")
    assert held >= 100
    rescuer = nursery.bear()
    await asyncio.sleep(3 * LEASE_S)
    await true_soon(owner, "SELECT count(*) = 0 FROM ready", seconds=80)
    for pid in stalled:
        os.kill(pid, signal.SIGCONT)
    log = tmp_path / "workers.log"
    await until(lambda: log.read_text().count("task.lease_lost") == held)
    for pid in (*stalled, rescuer):
        kill(pid)
    found = await (
        await owner.execute(
            "SELECT run.status, task.attempt, count(*)::int FROM run "
            "JOIN task ON task.run_id = run.id GROUP BY 1, 2 ORDER BY 2"
        )
    ).fetchall()
    assert found == [("succeeded", 1, len(jobs) - held), ("succeeded", 2, held)]
    effects = await count(owner, "SELECT count(*) FROM effect")
    assert effects == (len(jobs) if name == "effect" else 0)


def stopped(pid: int) -> bool:
    """Whether a process stands still."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def true_soon(owner: psycopg.AsyncConnection, statement: str, seconds: float = 30.0) -> None:
    """Wait until the database says so."""
    deadline = time.monotonic() + seconds
    while not await count(owner, statement):
        assert time.monotonic() < deadline, statement
        await asyncio.sleep(0.05)


async def left(owner: psycopg.AsyncConnection) -> int:
    """How many jobs have not ended."""
    return await count(owner, "SELECT count(*) FROM ready")


async def count(owner: psycopg.AsyncConnection, statement: str) -> int:
    """A number."""
    row = await (await owner.execute(statement.encode())).fetchone()
    assert row
    return int(row[0])


async def check(owner: psycopg.AsyncConnection, jobs: int, form: Form) -> None:
    """What the database says about all jobs."""

    async def rows(statement: str) -> list[tuple[object, ...]]:
        return await (await owner.execute(statement.encode())).fetchall()

    assert await rows("SELECT status, count(*) FROM run GROUP BY 1") == [("succeeded", jobs)]
    assert await rows("SELECT run_id FROM effect GROUP BY 1 HAVING count(*) > 1") == []
    assert (
        await rows(
            "SELECT run.id FROM run JOIN task ON task.run_id = run.id "
            "LEFT JOIN effect ON effect.run_id = run.id "
            "WHERE (task.kind = 'crash.effect') <> (effect.run_id IS NOT NULL)"
        )
        == []
    )
    assert await rows("SELECT id FROM run WHERE output IS DISTINCT FROM input -> 'n'") == []
    assert (
        await rows(
            "SELECT run_id FROM event GROUP BY 1 "
            "HAVING max(seq) <> count(*) OR count(*) FILTER (WHERE type = 'run.completed') <> 1"
        )
        == []
    )
    assert (
        await rows(
            "SELECT task.run_id FROM task JOIN (SELECT run_id, count(*) AS claims FROM claim_log "
            "GROUP BY 1) AS log USING (run_id) WHERE attempt <> claims"
        )
        == []
    )
    [(again,)] = await rows("SELECT count(*) FROM task WHERE attempt > 1")
    assert isinstance(again, int) and again > 5, "hardly any job met a kill"
    form.say(begun_again=again)
