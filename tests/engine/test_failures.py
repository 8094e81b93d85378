"""Failures: tried again, counted at the claim, shown without our inside."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from db.pool import Transaction
from db.queries import Query
from services.engine import retry
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.engine.retry import RetryPolicy, TaskFailed, backoff
from tests.engine.conftest import Does, Lab, effect, new, until

BROKEN = Query("test.broken", b"INSERT INTO no_such_table VALUES (1)")


def failing(
    times: int, error: Callable[[], Exception], what: str = "done"
) -> Callable[[TaskContext, TaskRow], Awaitable[Completion]]:
    """A function that fails some times before it succeeds."""
    left = times

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error()
        return Completion(record=effect(what))

    return function


async def test_a_retryable_failure_is_tried_again_and_counted(lab: Lab) -> None:
    lab.does["a"] = failing(2, lambda: TaskFailed("FLAKY", "not yet", retryable=True))
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert lab.task("a")[:2] == ("succeeded", 3)
    assert lab.effects() == ["done"]
    retried = [e.payload for e in lab.events(run) if e.type == "task.retried"]
    assert [(p["attempt"], p["error"]["code"]) for p in retried] == [(1, "FLAKY"), (2, "FLAKY")]
    started = [e.payload["attempt"] for e in lab.events(run) if e.type == "task.started"]
    assert started == [1, 2, 3]


async def test_the_last_attempt_ends_the_run(lab: Lab) -> None:
    lab.does["a"] = failing(99, lambda: TaskFailed("FLAKY", "never", retryable=True))
    run = await lab.start(new("a", max_attempts=2), new("b", "a"))
    assert await lab.work_through(run) == "failed"
    assert lab.task("a")[:2] == ("failed", 2)
    assert lab.run(run)[2] == {"code": "FLAKY", "message": "never"}
    assert lab.statuses(run) == {"a": "failed", "b": "cancelled"}


async def test_a_final_failure_cancels_the_rest(lab: Lab) -> None:
    async def stuck(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(60)
        return Completion(record=effect("too late"))

    async def fail_beside(ctx: TaskContext, task: TaskRow) -> Completion:
        await until(lambda: lab.task("beside")[0] == "running")
        raise TaskFailed("BROKEN", "for good", files=["a.txt"])

    lab.does = {"bad": fail_beside, "beside": stuck}
    run = await lab.start(new("bad"), new("beside"), new("after", "bad"))
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {"bad": "failed", "beside": "cancelled", "after": "cancelled"}
    assert lab.run(run)[2] == {"code": "BROKEN", "message": "for good", "files": ["a.txt"]}
    assert lab.said(run)[-1] == "run.completed"
    assert lab.said(run).count("task.completed after") == 1
    assert lab.effects() == []


async def test_evidence_of_a_failure_is_recorded_with_it(lab: Lab) -> None:
    lab.does["a"] = failing(1, lambda: TaskFailed("BAD", "no", record=effect("evidence")))
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "failed"
    assert lab.effects() == ["evidence"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyError("/srv/secret/token=abc"), "INTERNAL_ERROR"),
        (PermissionError(13, "Permission denied", "/srv/secret"), "STORAGE_UNAVAILABLE"),
    ],
)
async def test_a_crash_is_tried_again_and_shows_nothing_of_our_inside(
    lab: Lab, error: Exception, code: str
) -> None:
    lab.does["a"] = failing(99, lambda: error)
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "failed"
    assert lab.task("a")[1] == 3
    shown = str(lab.run(run)[2]) + str([event.payload for event in lab.events(run)])
    assert lab.run(run)[2]["code"] == code
    assert "secret" not in shown
    assert "Error" not in shown


async def test_a_record_that_crashes_is_a_failure_of_the_task(lab: Lab) -> None:
    async def crash(tx: Transaction) -> None:
        await effect("half")(tx)
        await tx.run(BROKEN)

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(record=crash)

    lab.does["a"] = function
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "INTERNAL_ERROR"
    assert lab.effects() == []


async def test_a_failure_that_cannot_be_recorded_does_not_hold_the_task_for_ever(lab: Lab) -> None:
    async def crash(tx: Transaction) -> None:
        await tx.run(BROKEN)

    lab.does["a"] = failing(99, lambda: TaskFailed("BAD", "no", record=crash))
    run = await lab.start(new("a", max_attempts=1))
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "WORKER_LOST"


async def test_a_task_that_outlives_its_workers_is_given_up(lab: Lab) -> None:
    run = await lab.start(new("a", max_attempts=2))
    lab.owner.execute("UPDATE ready SET attempt = 2")  # as two claims by killed workers
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "WORKER_LOST"
    assert "task.started a" not in lab.said(run)


async def test_the_effects_of_a_task_are_recorded_once_with_its_completion(lab: Lab) -> None:
    slugs = [f"t{n}" for n in range(20)]

    def once(slug: str) -> Does:
        return failing(0, Exception, slug)

    lab.does = {slug: once(slug) for slug in slugs}
    run = await lab.start(*(new(slug) for slug in slugs))
    async with lab.working(3):
        assert await lab.finish(run) == "succeeded"
    assert sorted(lab.effects()) == sorted(slugs)


def test_the_pause_doubles_up_to_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "BASE_S", 1.0)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    assert [backoff(attempt, RetryPolicy()) for attempt in (1, 2, 3, 10)] == [1, 2, 4, retry.CAP_S]


async def test_a_task_that_cannot_be_read_does_not_stop_those_beside_it(lab: Lab) -> None:
    broken = await lab.start(*(new(f"x{n}") for n in range(3)))
    lab.owner.execute("UPDATE task SET definition = NULL WHERE slug = 'x1'")
    others = [await lab.start(new("a"), new("b", "a")) for _ in range(3)]
    async with lab.working():
        for run in others:
            assert await lab.finish(run) == "succeeded"
        await until(
            lambda: lab.statuses(broken) == {"x0": "succeeded", "x1": "pending", "x2": "succeeded"}
        )


async def test_a_task_that_cannot_be_read_fails_at_last(lab: Lab) -> None:
    run = await lab.start(new("x"), new("after", "x"))
    lab.owner.execute("UPDATE task SET definition = NULL WHERE slug = 'x'")
    lab.owner.execute("UPDATE ready SET attempt = 2")
    assert await lab.work_through(run) == "failed"
    assert lab.statuses(run) == {"x": "failed", "after": "cancelled"}
    assert lab.rows("SELECT error ->> 'code' FROM run") == [("INTERNAL_ERROR",)]
