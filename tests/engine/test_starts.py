"""When the start of an attempt at a solo run is recorded: with its end, or what comes before."""

import asyncio
from datetime import timedelta

from generated.models import FileDeleted
from services.context import Actor, new_id
from services.engine import claim, events
from services.engine.claim import Lease, TaskContext, TaskRow
from services.engine.complete import Success, finish
from services.engine.expiry import expire
from services.engine.kind import Completion
from services.engine.retry import RetryPolicy, TaskFailed, TaskOptions
from tests.engine.conftest import Lab, until
from tests.engine.test_batches import ended, job, queued

ENDED_AT_ONCE = ["run.created", "task.started", "run.completed"]


async def taken_up(lab: Lab, lease: Lease) -> TaskRow:
    """The task of a lease, as its function gets it."""
    async with lab.ctx.transaction() as tx:
        [task] = await claim.read(tx, [lease])
    return task


async def finished(lab: Lab, task: TaskRow, since: float | None = None) -> int:
    """Record a success; of how many tasks."""
    async with lab.ctx.transaction() as tx:
        return len(await finish(tx, lab.kinds, [Success(task, {"ok": True}, since=since)]))


async def test_a_quick_run_starts_and_ends_in_one_statement(lab: Lab) -> None:
    [run] = await queued(lab, job())
    [lease] = await lab.claim("wrk_1")
    task = await taken_up(lab, lease)
    assert [event.type for event in lab.events(run)] == ["run.created"]
    assert await finished(lab, task, lease.since - 2) == 1
    assert [event.type for event in lab.events(run)] == ENDED_AT_ONCE
    assert [event.seq for event in lab.events(run)] == [1, 2, 3]
    assert lab.events(run)[1].payload == {"slug": "test", "attempt": 1, "workerId": "wrk_1"}
    [(attempt, took)] = lab.rows("SELECT attempt, completed_at - started_at FROM task")
    assert attempt == 1
    assert timedelta(seconds=2) < took < timedelta(seconds=10)
    same = "SELECT run.started_at = task.started_at AND task.started_at = event.created_at "
    joined = "FROM run JOIN task ON run_id = run.id JOIN event USING (run_id) WHERE seq = 2"
    assert lab.rows(same + joined) == [(True,)]


async def test_a_run_that_lasts_is_seen_to_work(lab: Lab) -> None:
    go_on = asyncio.Event()

    async def waits(ctx: TaskContext, task: TaskRow) -> Completion:
        await go_on.wait()
        return Completion()

    lab.does["test"] = waits
    [run] = await queued(lab, job())
    async with lab.working():
        await until(lambda: lab.run(run)[0] == "running", 3)
        assert [event.type for event in lab.events(run)] == ["run.created", "task.started"]
        assert lab.rows("SELECT status, attempt FROM task") == [("running", 1)]
        go_on.set()
        await lab.finish(run)
    assert [event.type for event in lab.events(run)] == ENDED_AT_ONCE


async def test_what_a_function_writes_comes_after_its_start(lab: Lab) -> None:
    [run] = await queued(lab, job())
    [lease] = await lab.claim("wrk_1")
    task = await taken_up(lab, lease)
    actor = Actor(lease.tenant_id, "wrk_1", kind="worker")
    ctx = TaskContext(lab.app, actor, new_id("req"), lease)
    for path in ("a", "b"):
        async with ctx.transaction() as tx:
            await events.record(tx, run, FileDeleted(path=path))
    assert await finished(lab, task) == 1
    types = ["run.created", "task.started", "file.deleted", "file.deleted", "run.completed"]
    assert [event.type for event in lab.events(run)] == types


async def test_a_quick_failure_has_a_start_for_each_attempt(lab: Lab) -> None:
    async def fails(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("X", "x", retryable=True)

    lab.does["test"] = fails
    at_once = TaskOptions(RetryPolicy(base_s=0.0, jitter=False))
    [run] = await queued(lab, job(max_attempts=2, task_options=at_once))
    await ended(lab, 1)
    attempts = [e.payload["attempt"] for e in lab.events(run) if e.type == "task.started"]
    assert attempts == [1, 2]


async def test_an_attempt_that_takes_too_long_has_started_before_it_ends(lab: Lab) -> None:
    [run] = await queued(lab, job(timeout_s=0.05, max_attempts=2))
    await taken_up(lab, *await lab.claim("wrk_1"))
    await asyncio.sleep(0.1)
    await expire(lab.app, lab.kinds, 1e9)
    said = ["run.created", "task.started", "task.retried"]
    assert [event.type for event in lab.events(run)] == said
    assert lab.rows("SELECT lease_until, run_at IS NOT NULL FROM ready") == [(None, True)]


async def test_a_start_is_recorded_once_by_whoever_comes_first(lab: Lab) -> None:
    await queued(lab, *(job() for _ in range(30)))

    async def begin(lease: Lease) -> int:
        async with lab.ctx.transaction() as tx:
            return len(await claim.begin(tx, [lease]))

    firsts = 0
    for place, lease in enumerate(await lab.claim("wrk_1", 30)):
        task = await taken_up(lab, lease)
        actors = [begin(lease), begin(lease)]
        actors.insert(place % 3, finished(lab, task))
        began = await asyncio.gather(*actors)
        assert began.pop(place % 3) == 1
        assert sum(began) <= 1
        firsts += sum(began)
        assert [(e.seq, e.type) for e in lab.events(lease.run_id)] == [*enumerate(ENDED_AT_ONCE, 1)]
    assert 0 < firsts < 30, "always the same came first"


async def test_a_start_that_cannot_be_recorded_is_recorded_later(lab: Lab) -> None:
    go_on = asyncio.Event()

    async def waits(ctx: TaskContext, task: TaskRow) -> Completion:
        lab.owner.execute("ALTER TABLE event ADD CONSTRAINT no CHECK (type <> 'task.started')")
        await go_on.wait()
        return Completion()

    lab.does["test"] = waits
    [run] = await queued(lab, job())
    async with lab.working():
        await until(lambda: bool(lab.rows("SELECT 1 FROM ready WHERE lease_until IS NOT NULL")))
        await asyncio.sleep(0.5)
        assert lab.run(run)[0] == "queued"
        lab.owner.execute("ALTER TABLE event DROP CONSTRAINT no")
        await until(lambda: lab.run(run)[0] == "running", 5)
        go_on.set()
        await lab.finish(run)
    assert [event.type for event in lab.events(run)] == ENDED_AT_ONCE
