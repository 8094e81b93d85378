"""Fairness and order: between tenants, between priorities, between queues."""

import asyncio
import time
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from db.pool import Transaction
from db.queries import Query
from services.context import Context, system_transaction
from services.engine import claim
from services.engine.claim import Lease, TaskContext, TaskRow
from services.engine.enqueue import enqueue
from services.engine.kind import Completion
from services.engine.lanes import Heads
from services.engine.worker import Worker
from tests.conftest import tenant
from tests.engine.conftest import Lab, until
from tests.engine.test_limits import job, limit, queued

MANY = 20_000
GIVEN_BACK = b"UPDATE ready SET lease_until = NULL, worker_id = NULL"
PAUSE = Query("test.pause", b"UPDATE queue SET paused_at = now() WHERE name = %(queue)s")


async def enqueue_for(ctx: Context, *jobs: object) -> list[str]:
    """Queue jobs of another tenant."""
    async with ctx.transaction() as tx:
        return await enqueue(tx, list(jobs))  # type: ignore[arg-type]


async def taken(lab: Lab, heads: Heads, slots: int, **room: Any) -> list[Lease]:
    """Claim as a worker that has been there for long."""
    given = {"worker_id": "wrk_a", "kinds": ["test.do"], "slots": slots, "lease_seconds": 30}
    async with system_transaction(lab.app) as tx:
        return await claim.claim(tx, heads, **given | room)  # type: ignore[arg-type]


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
            await until(partial(has_ended, lab, number), 5)
            await enqueue_for(other_ctx, job())
        assert at_work(lab) <= 4
        for_ever.set()


async def test_newcomers_take_their_own_slots_and_leave_the_open_one(lab: Lab) -> None:
    """Whoever has a job that lasts gets another when it is due: others do not stand before it."""
    tenants = [await tenant(lab.app, f"t{number}") for number in range(4)]
    for one in tenants:
        await enqueue_for(one, *(job() for _ in range(3)))
    holder, *newcomers = (one.actor.tenant_id for one in tenants)
    counts = Counter[str]()
    for _ in range(40):
        leases = await taken(lab, Heads(), 3, open_slots=1, holders=[holder])
        counts.update(lease.tenant_id for lease in leases)
        assert len({lease.tenant_id for lease in leases} & set(newcomers)) >= 2
        lab.owner.execute(GIVEN_BACK)
    assert counts[holder] > 0


async def test_beyond_the_open_slots_each_newcomer_gets_one(lab: Lab, other_ctx: Context) -> None:
    await queued(lab, *(job() for _ in range(5)))
    await enqueue_for(other_ctx, *(job() for _ in range(5)))
    here, there = lab.ctx.actor.tenant_id, other_ctx.actor.tenant_id
    for open_slots, expected in (
        (0, {there: 1}),
        (2, {here: 1, there: 1}),
        (4, {here: 2, there: 2}),
    ):
        leases = await taken(lab, Heads(), 4, open_slots=open_slots, holders=[here])
        assert Counter(lease.tenant_id for lease in leases) == expected
        lab.owner.execute(GIVEN_BACK)


async def test_a_look_for_newcomers_leaves_the_limited_queues_of_others_alone(
    lab: Lab, other_ctx: Context
) -> None:
    for ctx in (lab.ctx, other_ctx):
        await enqueue_for(ctx, job(queue="narrow"))
        lab.owner.execute(
            b"UPDATE queue SET concurrency = 1 WHERE tenant_id = %s", [ctx.actor.tenant_id]
        )
    for _ in range(10):
        leases = await taken(lab, Heads(), 1, open_slots=0, holders=[lab.ctx.actor.tenant_id])
        assert [lease.tenant_id for lease in leases] == [other_ctx.actor.tenant_id]
        lab.owner.execute(GIVEN_BACK)


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


@pytest.mark.parametrize(("kind", "holds"), [("engine.wait", False), ("test.do", True)])
async def test_what_graphs_wait_for_takes_no_slot_from_its_tenant(
    lab: Lab, kind: str, holds: bool
) -> None:
    one = Worker(lab.app, lab.kinds)
    lease = Lease("ten_a", "run_a", "task_a", 1, 1, kind=kind)
    one._beginning[lease.key] = lease
    assert one._holders() == ({"ten_a"} if holds else set())


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
