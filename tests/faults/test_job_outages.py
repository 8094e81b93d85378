"""Jobs through outages of the database and through wrong clocks: all end, none twice."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services import keys
from services.context import Actor, App, Context, new_id, opened, system_transaction
from services.engine.enqueue import NewRun, enqueue
from services.errors import Unavailable
from services.settings import Settings
from tests.conftest import Form
from tests.faults.served import Postgres, until
from tests.faults.test_outages import server
from tests.faults.workers import Nursery, nursery_of

__all__ = ["server"]

HOUR = 3600
EFFECTS = """
    CREATE TABLE IF NOT EXISTS effect
        (tenant_id text DEFAULT current_setting('prazium.tenant'), run_id text)
"""


@pytest.fixture
async def ctx(server: Postgres, settings: Settings) -> AsyncIterator[Context]:
    """A caller in a new tenant of that server."""
    async with opened(msgspec.structs.replace(settings, pool_wait=5.0), server.url) as app:
        yield Context(app, Actor(await tenant(app), "key_test"), "req_test")


async def tenant(app: App) -> str:
    """A new tenant; its id."""
    tenant_id = new_id("ten")
    async with system_transaction(app) as tx:
        await tx.run(keys.sql.create_tenant, id=tenant_id, name=tenant_id, tier="free")
    return tenant_id


def job(n: int, **options: object) -> NewRun:
    """A job with a result and a row that is written with it."""
    given = {"n": n, "most_s": 0.05, "fails": False}
    options = {"max_attempts": 100, **options}
    return NewRun(id=new_id("job"), kind="crash", name="effect", input=given, **options)  # type: ignore[arg-type]


async def queue(ctx: Context, jobs: list[NewRun]) -> None:
    """Queue them, over again as a customer would when there is no answer."""
    for _ in range(200):
        try:
            async with ctx.transaction() as tx:
                await enqueue(tx, jobs)
            return
        except Unavailable:
            await asyncio.sleep(0.1)
            jobs = [msgspec.structs.replace(one, id=new_id("job")) for one in jobs]
    raise AssertionError("the database never came back")


def prepared(server: Postgres) -> None:
    server.execute(EFFECTS)
    server.execute("GRANT SELECT, INSERT ON effect TO prazium_app")
    server.execute("DELETE FROM worker")  # those of the test before were killed


async def ended(server: Postgres, seconds: float) -> float:
    """Seconds until no job is left."""
    return await until(lambda: not server.execute("SELECT 1 FROM ready LIMIT 1"), seconds)


def check(server: Postgres) -> None:
    """Each job has succeeded once, with one effect, in a log without gaps."""
    assert server.execute("SELECT DISTINCT status, error ->> 'code' FROM run") == [
        ("succeeded", None)
    ]
    assert server.execute("SELECT 1 FROM effect GROUP BY run_id HAVING count(*) > 1") == []
    assert server.execute("SELECT count(*) FROM effect") == server.execute(
        "SELECT count(*) FROM run"
    )
    assert (
        server.execute(
            "SELECT run_id FROM event GROUP BY 1 HAVING max(seq) <> count(*) "
            "OR count(*) FILTER (WHERE type = 'run.completed') <> 1"
        )
        == []
    )


@pytest.mark.long
async def test_jobs_survive_restarts_and_cut_connections(
    ctx: Context, server: Postgres, tmp_path: Path, form: Form
) -> None:
    prepared(server)
    restarts, cuts, cut = form.pick(4, 20), form.pick(60, 300), 0
    with nursery_of(server.url, tmp_path) as nursery:
        workers = [nursery.bear() for _ in range(2)]
        for number in range(restarts):
            await queue(ctx, [job(n) for n in range(100)])
            await asyncio.sleep(form.random.uniform(0, 0.5))
            await asyncio.to_thread(server.restart)
            while cut < cuts * (number + 1) / restarts:
                cut += await asyncio.to_thread(server.cut)
                await asyncio.sleep(form.random.uniform(0, 0.2))
        took = await ended(server, 30)
        assert all(Path(f"/proc/{pid}").exists() for pid in workers), "a worker has ended"
    check(server)
    form.say(restarts=restarts, cut=cut, jobs=restarts * 100, after_s=took)


async def test_jobs_survive_a_server_that_does_not_answer(
    ctx: Context, server: Postgres, tmp_path: Path
) -> None:
    prepared(server)
    with nursery_of(server.url, tmp_path) as nursery:
        workers = [nursery.bear(f"patience {seconds}") for seconds in (1, 100)]
        await until(lambda: len(server.execute("SELECT 1 FROM worker")) == len(workers), 10)
        for stall_s in (3, 0.5):
            await queue(ctx, [job(n) for n in range(300)])
            with server.stalled():
                await asyncio.sleep(stall_s)
            await ended(server, 10)
        assert all(Path(f"/proc/{pid}").exists() for pid in workers), "a worker has ended"
        log = (tmp_path / "workers.log").read_text()
        assert "heartbeat.reconnect" in log
        assert "worker.database_unavailable" in log
    check(server)


@pytest.mark.parametrize("clocks", [(HOUR, -HOUR), (f"{HOUR} steps", f"-{HOUR} steps")])
async def test_clocks_of_workers_do_not_matter(
    ctx: Context, server: Postgres, tmp_path: Path, clocks: tuple[object, object]
) -> None:
    prepared(server)
    later = datetime.now(UTC) + timedelta(seconds=2.5)
    with nursery_of(server.url, tmp_path) as nursery:
        bear_all(nursery, clocks)
        await queue(ctx, [job(n, timeout_s=20.0, max_attempts=1) for n in range(200)])
        await queue(ctx, [job(n, run_at=later, max_attempts=1, priority=9) for n in range(200)])
        began = time.monotonic()
        await ended(server, 30)
        assert time.monotonic() - began < 20
    check(server)
    [(early, late, attempts)] = server.execute(
        "SELECT count(*) FILTER (WHERE run.started_at < %s), count(*) FILTER (WHERE "
        "run.started_at > %s), max(task.attempt) FROM run JOIN task ON task.run_id = run.id "
        "WHERE task.lane IN (SELECT id FROM lane WHERE priority = 9) AND run.tenant_id = %s",
        later,
        later + timedelta(seconds=5),
        ctx.actor.tenant_id,
    )
    assert (early, late, attempts) == (0, 0, 1)


def bear_all(nursery: Nursery, clocks: tuple[object, object]) -> None:
    """A worker with each of these clocks."""
    for clock in clocks:
        nursery.bear(f"clock {clock}")
