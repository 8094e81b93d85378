"""What health and figures say of the engine: who lives, what waits, what was lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from generated.models import ClaimJobs, ExtendLeases, JobLease, NewGraph
from services import duties, graphs, overview, system, worker
from services.context import App, Context, new_id, system_transaction
from services.engine import claim
from services.engine.enqueue import NewRun, enqueue
from services.engine.lanes import Heads
from services.system import Vitals


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    """The database past its policies."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def job(name: str = "http", queue: str = "default", **options: Any) -> NewRun:
    """A job that is to be queued."""
    return NewRun(id=new_id("job"), kind="job", name=name, input={}, queue=queue, **options)


async def add(ctx: Context, *jobs: NewRun) -> None:
    """Queue jobs."""
    async with ctx.transaction() as tx:
        await enqueue(tx, list(jobs))


async def vitals(app: App) -> Vitals:
    """How the engine is at this moment."""
    found = await system.find_vitals(app)
    assert found is not None
    return found


def wait(owner: psycopg.Connection[Any], seconds: int, kind: str = "%") -> None:
    """Let free tasks of a kind have waited for so long."""
    owner.execute(
        "UPDATE ready SET free_since = now() - make_interval(secs => %s) FROM lane "
        "WHERE lane.id = ready.lane AND lane.kind LIKE %s",
        (seconds, kind),
    )


async def test_an_idle_engine_has_nothing_to_tell(app: App) -> None:
    assert await vitals(app) == Vitals(0, 0, 0.0, 0.0, 0)


async def test_the_oldest_ready_task_is_told_in_all_and_of_our_own_workers(
    ctx: Context, owner: psycopg.Connection[Any]
) -> None:
    await add(ctx, job("http"), job("thumbnail.make"), job("thumbnail.make", queue="other"))
    wait(owner, 60)
    wait(owner, 5, "job.http")
    found = await vitals(ctx.app)
    assert 60 <= found.oldest_ready_seconds < 70
    assert 5 <= found.oldest_own_ready_seconds < 15


async def test_what_waits_for_its_time_or_in_a_paused_queue_is_not_late(
    ctx: Context, owner: psycopg.Connection[Any]
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    await add(ctx, job(queue="paused"), job(run_at=later))
    wait(owner, 60)
    owner.execute("UPDATE queue SET paused_at = now() WHERE name = 'paused'")
    assert (await vitals(ctx.app)).oldest_ready_seconds == 0


async def test_lost_leases_are_counted_for_an_hour_and_forgotten_after_a_day(
    ctx: Context, owner: psycopg.Connection[Any]
) -> None:
    await add(ctx, job(), job())
    async with system_transaction(ctx.app) as tx:
        leases = await claim.claim(
            tx, Heads(), worker_id=new_id("wrk"), kinds=["job.http"], slots=2, lease_seconds=30
        )
    assert len(leases) == 2
    owner.execute("UPDATE ready SET lease_until = now() - interval '1 second'")
    assert (await claim.free(ctx.app, 60)).lost == 2
    assert (await vitals(ctx.app)).leases_lost_last_hour == 2
    owner.execute("UPDATE lease_loss SET minute = minute - interval '2 days'")
    assert (await vitals(ctx.app)).leases_lost_last_hour == 0
    for duty in duties.DUTIES:
        if duty.chore.__name__ in ("forget_losses", "forget"):
            await duty.chore(ctx.app)
    assert owner.execute("SELECT count(*) FROM lease_loss").fetchone() == (0,)


async def test_workers_are_alive_for_as_long_as_they_say_so(
    ctx: Context, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "INSERT INTO worker (id, seen_at) VALUES ('a', now()), ('b', now() - interval '20 s')"
    )
    owner.execute(
        "INSERT INTO job_worker (tenant_id, id, kinds, queues, seen_at) VALUES "
        "(%(tenant)s, 'a', '{}', '{}', now()), "
        "(%(tenant)s, 'b', '{}', '{}', now() - interval '2 minutes')",
        {"tenant": ctx.actor.tenant_id},
    )
    found = await vitals(ctx.app)
    assert (found.workers_alive, found.http_workers_alive) == (1, 1)


async def test_a_worker_over_http_is_seen_with_its_room_and_the_leases_it_has_lost(
    ctx: Context,
) -> None:
    await add(ctx, job("thumbnail.make", options={}))
    wanted = ClaimJobs(kinds=["thumbnail.make"], queues=["default"], limit=8, name="render-1:7")
    claimed = await worker.claim_jobs(ctx, wanted)
    [row] = (await overview.look(ctx.app, overview.Wanted())).workers
    assert (row.place, row.slots, row.working, row.leases_lost) == ("render-1:7", 8, 1, 0)
    stale = [JobLease(job_id=claimed.jobs[0].job_id, lease_token=99)]
    await worker.extend_leases(ctx, ExtendLeases(worker_id=claimed.worker_id, leases=stale))
    [row] = (await overview.look(ctx.app, overview.Wanted())).workers
    assert row.leases_lost == 1


async def test_the_health_tells_how_the_engine_is(ctx: Context) -> None:
    await add(ctx, job())
    health = await system.get_health(ctx.app)
    engine: Any = health.engine
    assert engine.oldest_ready_seconds > 0
    assert (engine.workers_alive, engine.leases_lost_last_hour) == (0, 0)


async def test_however_many_ask_for_the_health_the_database_is_asked_once_a_second(
    ctx: Context,
) -> None:
    first = await system.get_vitals(ctx.app)
    await add(ctx, job())
    assert await system.get_vitals(ctx.app) is first


async def test_the_depth_tells_what_is_ready_delayed_and_running(ctx: Context) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    await add(ctx, job(), job(), job(run_at=later))
    async with system_transaction(ctx.app) as tx:
        await claim.claim(
            tx, Heads(), worker_id="wrk_a", kinds=["job.http"], slots=1, lease_seconds=30
        )
    assert await system.get_queue_depth(ctx.app) == system.QueueDepth(1, 1, 1, 0)


async def test_what_graphs_wait_for_is_neither_delayed_nor_parked_nor_pending(ctx: Context) -> None:
    waits = [{"for": "answer"}, {"for": "answer", "seconds": 60}, {"for": "timer", "seconds": 60}]
    inner = {"tasks": [{"slug": "a", "wait": waits[0]}]}
    tasks = [{"slug": f"w{n}", "wait": wait} for n, wait in enumerate(waits)]
    new = {"tasks": [*tasks, {"slug": "g", "graph": inner}]}
    await graphs.create_graph(ctx, msgspec.convert(new, NewGraph))
    assert await system.get_queue_depth(ctx.app) == system.QueueDepth(0, 0, 0, 5)
    [queue] = (await overview.look(ctx.app, overview.Wanted())).queues
    assert (queue.queue, queue.delayed, queue.parked, queue.waits) == ("_own", 0, 0, 5)
    assert (await system.get_stats(ctx)).queue.pending == 0


async def test_stats_count_builds_and_no_jobs(ctx: Context) -> None:
    await add(ctx, job())
    stats = await system.get_stats(ctx)
    assert (stats.runs.total, stats.queue.pending, stats.queue.processing) == (0, 1, 0)


@pytest.mark.parametrize("statement", ["get_vitals", "get_queue_depth"])
async def test_with_many_tasks_no_figure_walks_over_all_of_them(
    ctx: Context, owner: psycopg.Connection[Any], statement: str
) -> None:
    await add(ctx, *(job() for _ in range(500)))
    owner.execute("ANALYZE ready")
    query = getattr(system.sql, statement).text
    for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
        owner.execute(f"SET {setting} = off".encode())
    plan = owner.execute(b"EXPLAIN " + query, {"own": ["job.http"], "most": 100}).fetchall()
    lines = [row[0] for row in plan if " on ready" in row[0]]
    assert lines and all("Index" in line and "Bitmap" not in line for line in lines), plan
