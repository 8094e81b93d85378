"""Leases: who has lost one writes nothing."""

import asyncio
import contextlib
import dataclasses
import time
from typing import Any

import msgspec
import psycopg
import pytest

from db.errors import DatabaseUnavailable
from db.pool import Transaction
from services.context import Actor, new_id
from services.engine import attempts, claim
from services.engine.claim import Lease, LeaseLost, TaskContext, TaskRow
from services.engine.complete import Success, complete_task, fail_task, finish
from services.engine.heartbeat import Heartbeat, Held
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.engine.worker import Worker
from services.errors import Unavailable
from tests.engine.conftest import Lab, effect, new, until


async def take(lab: Lab, who: str = "wrk_other", slots: int = 1) -> list[Lease]:
    """Claim as a worker does."""
    return await lab.claim(who, slots)


def holding(lab: Lab, lease: Lease, who: str = "wrk_other") -> TaskContext:
    """The context of whoever claimed this lease."""
    return TaskContext(lab.app, Actor(lease.tenant_id, who, kind="worker"), new_id("req"), lease)


async def complete(lab: Lab, ctx: TaskContext, task: TaskRow, what: str) -> None:
    async with ctx.transaction() as tx:
        await complete_task(tx, lab.kinds, task, Completion(record=effect(what)))


async def stolen(lab: Lab) -> tuple[TaskContext, TaskContext, TaskRow]:
    """A stale context and that of who has the lease now."""
    await lab.start(new("a"))
    stale = holding(lab, (await take(lab, "wrk_stale"))[0])
    task = await lab.begin(stale.lease)
    lab.expire_leases()
    fresh = holding(lab, (await take(lab, "wrk_fresh"))[0])
    return stale, fresh, task


async def test_the_token_and_the_attempt_grow_with_every_claim(lab: Lab) -> None:
    await lab.start(new("a"))
    for number in (1, 2, 3):
        [lease] = await take(lab)
        assert (lease.attempt, lease.lease_token) == (number, number)
        lab.expire_leases()


async def test_a_live_lease_cannot_be_claimed(lab: Lab) -> None:
    await lab.start(new("a"))
    assert len(await take(lab)) == 1
    assert await take(lab) == []


async def test_of_eight_claimers_each_task_has_one(lab: Lab) -> None:
    await lab.start(*(new(f"t{n}") for n in range(30)))
    taken = await asyncio.gather(*(take(lab, f"wrk_{n}", 5) for n in range(8)))
    ids = [lease.task_id for leases in taken for lease in leases]
    assert len(ids) == len(set(ids)) == 30


async def test_a_stale_worker_cannot_complete_fail_record_or_read(lab: Lab) -> None:
    stale, fresh, task = await stolen(lab)
    with pytest.raises(LeaseLost):
        await complete(lab, stale, task, "stale")
    with pytest.raises(LeaseLost):
        async with stale.transaction() as tx:
            await fail_task(tx, lab.kinds, task, TaskFailed("X", "x"))
    with pytest.raises(LeaseLost):
        async with stale.transaction() as tx:
            await effect("stale")(tx)
    assert lab.task("a")[0] == "pending"
    await complete(lab, fresh, await lab.begin(fresh.lease), "fresh")
    with pytest.raises(LeaseLost):
        await complete(lab, stale, task, "stale")
    assert lab.effects() == ["fresh"]
    assert lab.run(task.run_id)[0] == "succeeded"


async def test_of_two_attempts_that_are_recorded_together_the_last_counts(lab: Lab) -> None:
    _, fresh, task = await stolen(lab)
    again = await lab.begin(fresh.lease)
    done = [Success(again, "fresh"), Success(task, "stale")]
    async with lab.ctx.transaction() as tx:
        assert [one.task_id for one in await finish(tx, lab.kinds, done)] == [task.id]
    assert lab.rows("SELECT status, result FROM task") == [("succeeded", "fresh")]
    assert lab.said(task.run_id).count("task.completed a") == 1


async def test_a_lease_lost_inside_a_transaction_waits_for_it(lab: Lab) -> None:
    await lab.start(new("a"))
    ctx = holding(lab, (await take(lab))[0])
    async with ctx.transaction() as tx:
        await effect("in time")(tx)
        lab.owner.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            lab.expire_leases()
        assert await take(lab, "wrk_thief") == []
    assert lab.effects() == ["in time"]


async def test_a_lease_that_was_handed_back_cannot_write(lab: Lab) -> None:
    await lab.start(new("a"))
    ctx = holding(lab, (await take(lab))[0])
    await claim.hand_back(lab.app, "wrk_other", [], begun=True)
    with pytest.raises(LeaseLost):
        async with ctx.transaction() as tx:
            await effect("stale")(tx)


async def test_a_failure_whose_answer_was_lost_is_recorded_once(lab: Lab) -> None:
    run = await lab.start(new("a"))
    ctx = holding(lab, (await take(lab))[0])
    task, tries = await lab.begin(ctx.lease), 0

    async def lose_the_answer(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await fail_task(tx, lab.kinds, task, TaskFailed("X", "x", retryable=True))

    async with ctx.transaction() as tx:
        await lose_the_answer(tx)
    with pytest.raises(LeaseLost):
        await attempts.recorded(ctx, lose_the_answer)
    assert lab.said(run).count("task.retried a") == 1


async def test_a_worker_stops_a_task_whose_lease_was_stolen(lab: Lab) -> None:
    stopped = asyncio.Event()

    async def long(ctx: TaskContext, task: TaskRow) -> Completion:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            with pytest.raises(LeaseLost):
                async with ctx.transaction() as tx:
                    await effect("stale")(tx)
            raise
        return Completion(record=effect("stale"))

    lab.does["a"] = long
    run = await lab.start(new("a"))
    async with lab.working():
        await until(lambda: lab.task("a")[0] == "running")
        lab.owner.execute(
            "UPDATE ready SET lease_token = lease_token + 1, worker_id = 'wrk_thief', "
            "lease_until = now() + interval '1 minute'"
        )
        await asyncio.wait_for(stopped.wait(), 2)
        await asyncio.sleep(0.2)
    assert lab.effects() == []
    assert lab.run(run)[0] == "running"


async def test_a_task_longer_than_its_lease_keeps_it(lab: Lab) -> None:
    async def long(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(2.2)  # the lease is 1.5
        return Completion(record=effect("done"))

    lab.does["a"] = long
    run = await lab.start(new("a"))
    async with lab.working(2):
        assert await lab.finish(run) == "succeeded"
    assert lab.effects() == ["done"]
    assert lab.task("a")[1] == 1


async def test_a_blocked_event_loop_does_not_stop_the_heartbeat(lab: Lab) -> None:
    async def block(ctx: TaskContext, task: TaskRow) -> Completion:
        time.sleep(2.2)  # noqa: ASYNC251 - this is what the thread is for
        return Completion(record=effect("done"))

    lab.does["a"] = block
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), lab.task("a")[1]) == (["done"], 1)


async def test_the_lease_of_a_task_that_could_not_be_recorded_runs_out(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = 2  # the completion and the failure

    async def refused(ctx: TaskContext, write: Any) -> None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise Unavailable
        await recorded(ctx, write)

    recorded = attempts.recorded
    monkeypatch.setattr(attempts, "recorded", refused)
    lab.does["a"] = completing("done")
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), lab.task("a")[1]) == (["done"], 2)


def completing(what: str) -> Any:
    """A function with one effect."""

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(record=effect(what))

    return function


async def test_a_completion_survives_connections_killed_at_its_commit(lab: Lab) -> None:
    kills = 3

    async def kill(tx: Transaction) -> None:
        nonlocal kills
        kills -= 1
        await effect("done")(tx)
        if kills >= 0:
            kill_others(lab)

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        calls.append(task.slug)
        return Completion(record=kill)

    calls: list[str] = []
    lab.does["a"] = function
    patient = msgspec.structs.replace(lab.app.settings, lease_seconds=10.0)
    lab.app = dataclasses.replace(lab.app, settings=patient)
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), calls) == (["done"], ["a"])


def kill_others(lab: Lab) -> None:
    """Terminate every other connection to the database."""
    lab.owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def test_workers_under_killed_connections_lose_and_double_nothing(lab: Lab) -> None:
    slugs = [f"t{n}" for n in range(30)]

    def slow(slug: str) -> Any:
        async def function(ctx: TaskContext, task: TaskRow) -> Completion:
            await asyncio.sleep(0.05)
            return Completion(record=effect(slug))

        return function

    lab.does = {slug: slow(slug) for slug in slugs}
    for attempt in range(20):  # starting is a request, which the customer repeats
        with contextlib.suppress(Unavailable, DatabaseUnavailable):
            run = await lab.start(*(new(slug, max_attempts=50) for slug in slugs))
            break
        assert attempt < 19
    async with lab.working(2):
        for _ in range(6):
            await asyncio.sleep(0.15)
            kill_others(lab)
        assert await lab.finish(run, 30) == "succeeded"
    assert sorted(lab.effects()) == sorted(slugs)
    said = lab.said(run)
    assert all(said.count(f"task.completed {slug}") == 1 for slug in slugs)


async def test_a_beat_waits_for_no_transaction(lab: Lab) -> None:
    await lab.start(new("a"), new("b"))
    first, second = await take(lab, slots=2)
    ctx = holding(lab, first)
    before = lab.rows("SELECT lease_until FROM ready WHERE task_id = %s", second.task_id)
    async with ctx.transaction(), lab.app.db.system() as tx:
        held = await asyncio.wait_for(
            tx.all(
                claim.sql.extend_leases,
                Held,
                worker_id="wrk_other",
                tenant_ids=[first.tenant_id, second.tenant_id],
                run_ids=[first.run_id, second.run_id],
                task_ids=[first.task_id, second.task_id],
                lease_seconds=60.0,
            ),
            2,
        )
    assert {lease.task_id for lease in held} == {first.task_id, second.task_id}
    assert lab.rows("SELECT lease_until FROM ready WHERE task_id = %s", second.task_id) > before


async def test_a_heartbeat_survives_a_crash_and_a_killed_connection(lab: Lab) -> None:
    beats: list[float] = []

    def on_held(held: set[tuple[str, int]], began: float) -> None:
        beats.append(began)
        if len(beats) == 1:
            raise ZeroDivisionError

    heart = Heartbeat(lab.app.db.url, "wrk_a", 0.3, list, on_held)
    heart.start()
    try:
        await until(lambda: len(beats) >= 3)
        kill_others(lab)
        before = len(beats)
        await until(lambda: len(beats) >= before + 3)
    finally:
        await asyncio.to_thread(heart.stop)


async def test_a_worker_that_stops_hands_its_leases_back(lab: Lab) -> None:
    async def endless(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(60)
        return Completion()

    lab.does["a"] = endless
    run = await lab.start(new("a"))
    async with lab.working():
        await until(lambda: lab.task("a")[0] == "running")
    assert lab.rows("SELECT attempt, lease_until, worker_id FROM ready") == [(0, None, None)]
    assert lab.rows("SELECT 1 FROM worker") == []
    lab.does["a"] = completing("done")
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), lab.task("a")[1]) == (["done"], 1)


async def test_an_attempt_that_did_not_begin_again_is_released_once(lab: Lab) -> None:
    run = await lab.start(new("a"))
    for begins in (True, False):
        [lease] = await take(lab)
        if begins:
            await lab.begin(lease)
        await claim.sign_off(lab.app, "wrk_other")
    told = "SELECT type FROM event WHERE run_id = %s AND type LIKE 'task.%%' ORDER BY seq"
    assert lab.rows(told, run) == [("task.started",), ("task.released",)]


async def test_a_worker_that_stops_finishes_what_is_quick(lab: Lab) -> None:
    async def quick(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(0.3)
        return Completion(record=effect("done"))

    lab.does["a"] = quick
    await lab.start(new("a"), new("b", "a"))
    async with lab.working():
        await until(lambda: lab.task("a")[0] == "running")
    assert lab.effects() == ["done"]
    assert lab.task("b")[0] == "pending"


async def test_a_worker_can_stop_while_the_database_is_away(lab: Lab) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(lab.app, lab.kinds).run(stop))
    await asyncio.sleep(0.3)
    await lab.app.db.close()
    stop.set()
    await asyncio.wait_for(working, 15)
