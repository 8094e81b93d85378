"""Limits of queues and of concurrency keys: exact, whoever claims, and never leaking a place."""

import asyncio
from typing import Any

import pytest

from db.pool import Transaction
from db.queries import Query
from services.context import Context, new_id
from services.engine import claim, limits, worker
from services.engine.claim import Lease, TaskContext, TaskRow
from services.engine.complete import Success, fail_task, finish
from services.engine.enqueue import NewRun, enqueue
from services.engine.kind import Completion
from services.engine.lanes import Heads
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, new, until

LOCK_ALL = Query("test.lock_all", b"SELECT 1 FROM ready FOR UPDATE")


def job(**options: Any) -> NewRun:
    """A solo run of the laboratory's kind."""
    return NewRun(id=new_id("job"), kind="test", name="do", **{"input": {}} | options)


def keyed(key: str, limit: int, **options: Any) -> NewRun:
    """One that shares places with others of the key."""
    return job(concurrency_key=key, concurrency_limit=limit, **options)


async def queued(lab: Lab, *jobs: NewRun) -> list[str]:
    """Queue them in one transaction."""
    async with lab.ctx.transaction() as tx:
        return await enqueue(tx, list(jobs))


def limit(lab: Lab, queue: str = "default", **limits: int | None) -> None:
    """Set the limits of a queue."""
    given = {"concurrency": None, "rate_limit": None, "rate_period_s": None} | limits
    tenant = lab.ctx.actor.tenant_id
    lab.rows(
        "INSERT INTO queue (tenant_id, name, concurrency, rate_limit, rate_period_s) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (tenant_id, name) DO UPDATE SET "
        "concurrency = excluded.concurrency, rate_limit = excluded.rate_limit, "
        "rate_period_s = excluded.rate_period_s RETURNING 1",
        tenant,
        queue,
        *given.values(),
    )


def placed(lab: Lab) -> list[str]:
    """The runs that are free or leased."""
    found = lab.rows("SELECT run_id FROM ready WHERE run_at IS NULL ORDER BY run_id")
    return [run for (run,) in found]


async def end(lab: Lab, *leases: Lease) -> None:
    """Begin and finish claimed tasks as their worker does."""
    async with lab.ctx.transaction() as tx:
        tasks = await claim.begin(tx, list(leases))
        await finish(tx, lab.kinds, [Success(task) for task in tasks])


async def test_a_queue_gives_no_more_leases_than_it_may(lab: Lab) -> None:
    limit(lab, concurrency=3)
    await queued(lab, *(job() for _ in range(10)))
    leases = await lab.claim("wrk_a", 8)
    assert len(leases) == 3
    assert await lab.claim("wrk_b", 8) == []
    await end(lab, leases[0])
    assert len(await lab.claim("wrk_b", 8)) == 1


async def test_a_limit_holds_over_priorities_and_the_first_by_priority_come_first(lab: Lab) -> None:
    limit(lab, concurrency=3)
    low = await queued(lab, *(job(priority=1) for _ in range(5)))
    high = await queued(lab, *(job(priority=2) for _ in range(2)))
    taken = {lease.run_id for lease in await lab.claim("wrk_a", 8)}
    assert taken == {*high, low[0]}


async def test_a_limited_queue_is_no_limit_for_others(lab: Lab) -> None:
    limit(lab, concurrency=1)
    await queued(lab, *(job() for _ in range(5)), *(job(queue="free") for _ in range(5)))
    assert len(await lab.claim("wrk_a", 9)) == 6


async def test_a_lost_lease_leaves_its_place_to_others(lab: Lab) -> None:
    limit(lab, concurrency=1)
    await queued(lab, job(), job())
    assert len(await lab.claim("wrk_a", 8)) == 1
    assert await lab.claim("wrk_b", 8) == []
    lab.expire_leases()
    assert len(await lab.claim("wrk_b", 8)) == 1


async def test_so_many_begin_in_any_period(lab: Lab) -> None:
    limit(lab, rate_limit=4, rate_period_s=1)
    await queued(lab, *(job() for _ in range(12)))
    assert len(await lab.claim("wrk_a", 3)) == 3
    assert len(await lab.claim("wrk_b", 3)) == 1
    assert await lab.claim("wrk_b", 3) == []
    await asyncio.sleep(1.05)
    assert len(await lab.claim("wrk_b", 9)) == 4


async def test_places_of_a_key_are_given_by_priority_and_age(lab: Lab) -> None:
    first, second, third = await queued(lab, *(keyed("k", 1, priority=p) for p in (0, 0, 5)))
    await limits.admit(lab.app)
    assert placed(lab) == [third]
    for expected in (third, first, second):
        [lease] = await lab.claim("wrk_a", 8)
        assert lease.run_id == expected
        await end(lab, lease)
        await limits.admit(lab.app)


async def test_a_key_is_one_for_all_queues_and_the_newest_limit_counts(lab: Lab) -> None:
    await queued(lab, keyed("k", 1, queue="a"), keyed("k", 1, queue="b"), keyed("other", 1))
    await limits.admit(lab.app)
    assert len(placed(lab)) == 2
    await queued(lab, keyed("k", 3, queue="c"))
    await limits.admit(lab.app)
    assert len(placed(lab)) == 4


async def test_tenants_do_not_share_a_key(lab: Lab, other_ctx: Context) -> None:
    await queued(lab, keyed("k", 1))
    async with other_ctx.transaction() as tx:
        await enqueue(tx, [keyed("k", 1)])
    await limits.admit(lab.app)
    assert len(placed(lab)) == 2


@pytest.mark.parametrize("how", ["failed", "retried", "cancelled"])
async def test_whatever_ends_an_attempt_gives_its_place_back(lab: Lab, how: str) -> None:
    first, second = await queued(lab, keyed("k", 1, max_attempts=9), keyed("k", 1))
    await limits.admit(lab.app)
    [lease] = await lab.claim("wrk_a", 8)
    task = await lab.begin(lease)
    if how == "cancelled":
        await lab.cancel(first)
    else:
        async with lab.ctx.transaction() as tx:
            failed = TaskFailed("X", "x", retryable=how == "retried", retry_after_s=60.0)
            await fail_task(tx, lab.kinds, task, failed)
    await limits.admit(lab.app)
    assert placed(lab) == [second]


async def test_what_is_due_and_has_a_key_waits_for_a_place(lab: Lab) -> None:
    await queued(lab, keyed("k", 1), keyed("k", 1))
    await limits.admit(lab.app)
    lab.owner.execute("UPDATE ready SET run_at = now() - interval '1 s' WHERE run_at = 'infinity'")
    await claim.free(lab.app, 1e9)
    assert len(placed(lab)) == 1
    await limits.admit(lab.app)
    assert len(placed(lab)) == 1


async def test_a_lost_lease_keeps_its_place_of_a_key(lab: Lab) -> None:
    first, _ = await queued(lab, keyed("k", 1), keyed("k", 1))
    await limits.admit(lab.app)
    await lab.claim("wrk_a", 8)
    lab.expire_leases()
    assert [lease.run_id for lease in await lab.claim("wrk_b", 8)] == [first]
    await limits.admit(lab.app)
    assert placed(lab) == [first]


async def test_a_parked_task_that_someone_holds_is_looked_at_again(lab: Lab) -> None:
    await queued(lab, keyed("k", 1))
    async with lab.ctx.transaction() as tx:
        await tx.run(LOCK_ALL)
        await limits.admit(lab.app)
        assert placed(lab) == []
    await limits.admit(lab.app)
    assert len(placed(lab)) == 1


@pytest.mark.parametrize("shared", ["queue", "key"])
async def test_a_place_that_is_free_again_is_used_at_once(lab: Lab, shared: str) -> None:
    if shared == "queue":
        limit(lab, concurrency=1)
    await queued(lab, *(keyed("k", 1) if shared == "key" else job() for _ in range(20)))
    async with lab.working():
        await until(lambda: lab.rows("SELECT 1 FROM ready") == [], 20)
    [(fast, slow)] = lab.rows(
        "SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY gap), max(gap) FROM ("
        "SELECT extract(epoch FROM started_at - lag(completed_at) OVER (ORDER BY started_at))"
        "::double precision AS gap FROM run) AS pause"
    )
    print(f"{shared}: a free place was used after {fast * 1000:.1f} ms, at most {slow * 1000:.1f}")
    assert fast < 0.05
    assert slow < 0.9, "a wake-up was lost"


@pytest.mark.parametrize("code", [None, "BROKEN"])
async def test_the_place_of_a_task_of_a_graph_is_used_at_once(
    lab: Lab, code: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_S", 5.0)

    async def work(ctx: TaskContext, task: TaskRow) -> Completion:
        if code and task.sequence % 2:
            raise TaskFailed(code, "It is broken.")
        return Completion()

    limit(lab, concurrency=1)
    slugs = [f"s{n}" for n in range(12)]
    lab.does = dict.fromkeys(slugs, work)
    run = await lab.start(
        *(new(slug, sequence=n, queue="default") for n, slug in enumerate(slugs, 1)), goes_on=True
    )
    async with lab.working():
        await lab.finish(run)
    [(slow,)] = lab.rows(
        "SELECT max(extract(epoch FROM started_at - before))::double precision FROM (SELECT "
        "started_at, lag(completed_at) OVER (ORDER BY started_at) AS before FROM task) AS pair"
    )
    assert slow < 0.5, "a wake-up was lost"


async def test_a_raised_limit_is_used_at_once_and_a_lower_one_ends_nothing(lab: Lab) -> None:
    limit(lab, concurrency=2)
    await queued(lab, *(job() for _ in range(10)))
    assert len(await lab.claim("wrk_a", 8)) == 2
    limit(lab, concurrency=4)
    assert len(await lab.claim("wrk_a", 8)) == 2
    limit(lab, concurrency=1)
    assert await lab.claim("wrk_a", 8) == []
    assert lab.rows("SELECT count(*) FROM ready WHERE lease_until IS NOT NULL") == [(4,)]


async def test_a_claim_that_rolls_back_leaves_no_start_behind(lab: Lab) -> None:
    limit(lab, rate_limit=1, rate_period_s=60)
    await queued(lab, job(), job())
    with pytest.raises(ZeroDivisionError):
        async with lab.ctx.transaction() as tx:
            assert len(await taken(tx)) == 1
            raise ZeroDivisionError
    assert len(await lab.claim("wrk_a", 8)) == 1


async def taken(tx: Transaction) -> list[Lease]:
    """Claim in a transaction of the caller's."""
    return await claim.claim(
        tx, Heads(), worker_id="wrk_a", kinds=["test.do"], slots=8, lease_seconds=30
    )
