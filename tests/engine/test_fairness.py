"""Fairness and order: between tenants, between priorities, between queues."""

import asyncio
import time
from datetime import datetime
from functools import partial

from db.pool import Transaction
from db.queries import Query
from services.context import Context, system_transaction
from services.engine import claim
from services.engine.claim import Lease, TaskContext, TaskRow
from services.engine.enqueue import enqueue
from services.engine.kind import Completion
from services.engine.lanes import Heads
from tests.conftest import tenant
from tests.engine.conftest import Lab, until
from tests.engine.test_limits import job, limit, queued

MANY = 20_000
PAUSE = Query("test.pause", b"UPDATE queue SET paused_at = now() WHERE name = %(queue)s")


async def enqueue_for(ctx: Context, *jobs: object) -> list[str]:
    """Queue jobs of another tenant."""
    async with ctx.transaction() as tx:
        return await enqueue(tx, list(jobs))  # type: ignore[arg-type]


async def taken(lab: Lab, heads: Heads, slots: int) -> list[Lease]:
    """Claim as a worker that has been there for long."""
    async with system_transaction(lab.app) as tx:
        return await claim.claim(
            tx, heads, worker_id="wrk_a", kinds=["test.do"], slots=slots, lease_seconds=30
        )


async def test_many_jobs_of_one_tenant_do_not_delay_the_first_of_another(
    lab: Lab, other_ctx: Context
) -> None:
    for _ in range(MANY // 1000):
        await queued(lab, *(job() for _ in range(1000)))
    async with lab.working():
        await until(lambda: ended(lab) > 0)
        [lone] = await enqueue_for(other_ctx, job())
        await until(lambda: lab.run(lone)[1], 20)
    [(waited,)] = lab.rows(
        "SELECT extract(epoch FROM started_at - created_at)::double precision "
        "FROM run WHERE id = %s",
        lone,
    )
    print(f"behind {MANY} jobs of another tenant: {waited * 1000:.0f} ms")
    assert waited < 1.0


async def test_jobs_of_one_tenant_that_never_end_do_not_delay_another(
    lab: Lab, other_ctx: Context
) -> None:
    for_ever = asyncio.Event()

    async def stay(ctx: TaskContext, task: TaskRow) -> Completion:
        if ctx.actor.tenant_id == lab.ctx.actor.tenant_id:
            await for_ever.wait()
        return Completion()

    lab.does["test"] = stay
    await queued(lab, *(job() for _ in range(40)))
    await enqueue_for(other_ctx, job())
    async with lab.working():
        await until(lambda: at_work(lab) == 3)
        for number in range(1, 4):
            await until(partial(has_ended, lab, number), 1)
            await enqueue_for(other_ctx, job())
        assert at_work(lab) <= 4
        for_ever.set()


async def test_one_tenant_alone_has_all_slots(lab: Lab) -> None:
    for_ever = asyncio.Event()

    async def stay(ctx: TaskContext, task: TaskRow) -> Completion:
        await for_ever.wait()
        return Completion()

    lab.does["test"] = stay
    await queued(lab, *(job() for _ in range(40)))
    async with lab.working():
        await until(lambda: at_work(lab) == lab.app.settings.worker_concurrency)
        for_ever.set()


def at_work(lab: Lab) -> int:
    """How many jobs are leased."""
    return len(lab.rows("SELECT 1 FROM ready WHERE lease_until IS NOT NULL"))


def ended(lab: Lab) -> int:
    """How many jobs have ended."""
    return len(lab.rows("SELECT 1 FROM run WHERE completed_at IS NOT NULL"))


def has_ended(lab: Lab, number: int) -> bool:
    """Whether so many jobs have ended."""
    return ended(lab) == number


async def test_a_higher_priority_always_goes_first_inside_a_tenant(lab: Lab) -> None:
    for priority in (0, 9, 4):
        await queued(lab, *(job(priority=priority) for _ in range(20)))
    lanes = dict(lab.rows("SELECT id, priority FROM lane"))
    heads, order = Heads(), list[int]()
    while leases := await taken(lab, heads, 7):
        order += sorted((lanes[lease.lane] for lease in leases), reverse=True)
    assert order == [9] * 20 + [4] * 20 + [0] * 20


async def test_none_of_two_hundred_tenants_is_forgotten(lab: Lab) -> None:
    for number in range(200):
        await enqueue_for(await tenant(lab.app, f"t{number}"), job(), job(), job())
    heads, turns = Heads(), list[set[str]]()
    while leases := await taken(lab, heads, 50):
        turns.append({lease.tenant_id for lease in leases})
    assert 12 <= len(turns) <= 14
    assert all(len(found) == 50 for found in turns[:8]), "a tenant was served twice before others"
    assert len(set[str]().union(*turns)) == 200


async def test_a_queue_that_is_full_is_in_nobodys_way(lab: Lab) -> None:
    limit(lab, "poison", concurrency=1)
    await queued(lab, *(job(queue="poison", priority=9) for _ in range(500)))
    [stuck] = await lab.claim("wrk_stuck", 1)
    others = await queued(lab, *(job() for _ in range(20)))
    began = time.monotonic()
    found = {lease.run_id for lease in await taken(lab, Heads(), 50)}
    assert (found, stuck.run_id in found) == (set(others), False)
    assert time.monotonic() - began < 1.0


async def test_a_pause_counts_from_the_next_claim_on(lab: Lab) -> None:
    await queued(lab, *(job() for _ in range(4)))
    assert len(await taken(lab, Heads(), 1)) == 1
    async with lab.ctx.transaction() as tx:
        await tx.run(PAUSE, queue="default")
    assert await taken(lab, Heads(), 9) == []


async def test_the_counts_of_a_queue_are_cheap_however_much_waits(lab: Lab) -> None:
    for _ in range(MANY // 1000):
        await queued(lab, *(job() for _ in range(1000)))
    times = [await counting(lab) for _ in range(5)]
    print(f"counts of a queue of {MANY}: {min(times) * 1000:.1f} ms")
    assert min(times) < 0.2


async def counting(lab: Lab) -> float:
    """How long it takes to count."""
    async with lab.ctx.transaction() as tx:
        await look(tx)
        began = time.monotonic()
        assert await look(tx) is not None
        return time.monotonic() - began


async def look(tx: Transaction) -> datetime | None:
    """The counts of the queue, and its oldest."""
    query = Query(
        "test.counts", b"SELECT oldest_ready(queue), queue_counts(queue, 10000) FROM queue"
    )
    found: datetime | None = await tx.value(query)
    return found
