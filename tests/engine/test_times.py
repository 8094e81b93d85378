"""How long a task may wait and work, and what follows a failure or an interruption."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.engine import claim
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.engine.retry import RetryPolicy, TaskFailed, TaskOptions, backoff, pause
from tests.engine.conftest import Lab, until
from tests.engine.test_batches import ended, job, queued


def soon(seconds: float) -> datetime:
    """A time that is so far ahead."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def endless(ctx: TaskContext, task: TaskRow) -> Completion:
    await asyncio.sleep(60)
    return Completion()


def code(lab: Lab, run: str) -> Any:
    """Why it failed."""
    [(status, error)] = lab.rows("SELECT status, error FROM run WHERE id = %s", run)
    assert status == "failed"
    return error["code"]


async def test_an_attempt_that_takes_too_long_is_followed_by_another(lab: Lab) -> None:
    lab.does["test"] = endless
    [run] = await queued(lab, job(timeout_s=0.3, max_attempts=2))
    await ended(lab, 1)
    assert code(lab, run) == "TIMEOUT"
    said = [event.type for event in lab.events(run)]
    assert said == ["run.created", "task.started", "task.retried", "task.started", "run.completed"]


async def test_what_is_not_begun_in_time_fails_without_an_attempt(lab: Lab) -> None:
    [run] = await queued(lab, job(run_at=soon(60), start_by=soon(0.3)))
    await ended(lab, 1)
    assert code(lab, run) == "QUEUE_TIMEOUT"
    assert lab.rows("SELECT attempt FROM task") == [(0,)]
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_what_is_begun_in_time_may_end_later(lab: Lab) -> None:
    async def slow(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(1)
        return Completion(result=1)

    lab.does["test"] = slow
    await queued(lab, job(start_by=soon(0.6)))
    await ended(lab, 1)
    assert lab.rows("SELECT status FROM run") == [("succeeded",)]


async def test_a_deadline_ends_what_works_and_allows_no_further_attempt(lab: Lab) -> None:
    lab.does["test"] = endless
    [run] = await queued(lab, job(end_by=soon(0.5), timeout_s=30, max_attempts=9))
    await ended(lab, 1)
    assert code(lab, run) == "DEADLINE_EXCEEDED"
    assert lab.rows("SELECT attempt FROM task") == [(1,)]


async def test_a_deadline_ends_what_waits_for_its_next_attempt(lab: Lab) -> None:
    async def fail(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("X", "x", retryable=True, retry_after_s=60)

    lab.does["test"] = fail
    [run] = await queued(lab, job(end_by=soon(0.8)))
    await ended(lab, 1)
    assert code(lab, run) == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize(
    ("replay", "wanted"), [("never", "REPLAY_REFUSED"), ("ask", "REPLAY_UNDECIDED"), ("safe", None)]
)
async def test_after_a_lost_worker_the_task_says_what_follows(
    lab: Lab, replay: Any, wanted: str | None
) -> None:
    async def work(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(result="done")

    lab.does["test"] = work
    [run] = await queued(lab, job(task_options=TaskOptions(replay=replay)))
    [lease] = await lab.claim("wrk_lost")
    await lab.begin(lease)
    lab.expire_leases()
    await ended(lab, 1)
    if wanted:
        assert code(lab, run) == wanted
    else:
        assert lab.rows("SELECT output FROM run") == [("done",)]


async def test_a_failure_that_was_told_is_no_interruption(lab: Lab) -> None:
    async def once(ctx: TaskContext, task: TaskRow) -> Completion:
        if task.attempt == 1:
            raise TaskFailed("X", "x", retryable=True)
        return Completion(result="done")

    lab.does["test"] = once
    await queued(lab, job(task_options=TaskOptions(replay="never")))
    await ended(lab, 1)
    assert lab.rows("SELECT status, output FROM run") == [("succeeded", "done")]


async def test_what_was_never_begun_is_no_interruption(lab: Lab) -> None:
    [run] = await queued(lab, job(task_options=TaskOptions(replay="never")))
    [lease] = await lab.claim("wrk_lost")
    await claim.hand_back(lab.app, "wrk_lost", [], begun=False)
    [lease] = await lab.claim("wrk_other")
    assert (await lab.begin(lease)).refusal is None
    await claim.hand_back(lab.app, "wrk_other", [], begun=True)
    assert await lab.claim("wrk_third") == []
    await ended(lab, 1)
    assert code(lab, run) == "REPLAY_REFUSED"


async def test_a_code_that_is_not_retryable_ends_the_run_at_once(lab: Lab) -> None:
    async def fail(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("BROKEN", "x", retryable=True)

    lab.does["test"] = fail
    options = TaskOptions(retry=RetryPolicy(non_retryable=["BROKEN"]))
    [run] = await queued(lab, job(task_options=options, max_attempts=9))
    await ended(lab, 1)
    assert code(lab, run) == "BROKEN"
    assert lab.rows("SELECT attempt FROM task") == [(1,)]


@pytest.mark.parametrize(
    ("kind", "pauses"),
    [("exponential", [2, 4, 8, 10]), ("linear", [2, 4, 6, 8]), ("constant", [2, 2, 2, 2])],
)
def test_pauses_grow_as_the_policy_says(kind: Any, pauses: list[float]) -> None:
    policy = RetryPolicy(backoff=kind, base_s=2, cap_s=10, jitter=False)
    assert [backoff(attempt, policy) for attempt in (1, 2, 3, 4)] == pauses


def test_jitter_shortens_pauses_by_chance() -> None:
    policy = RetryPolicy(base_s=10, cap_s=10)
    found = [backoff(1, policy) for _ in range(200)]
    assert 0 <= min(found) < 3 < 7 < max(found) <= 10


def test_the_thousandth_attempt_overflows_nothing() -> None:
    failed = TaskFailed("X", "x", retryable=True, retry_after_s=1e300)
    policy = RetryPolicy(base_s=86_400, cap_s=604_800, jitter=False)
    assert backoff(1000, policy) == 604_800
    assert pause(failed, 1000, 1001, policy) == 365 * 86_400


async def test_a_run_whose_time_is_over_twice_fails_once(lab: Lab) -> None:
    [run] = await queued(lab, job(run_at=soon(60), start_by=soon(0.1), end_by=soon(0.1)))
    async with lab.working(3):
        await until(lambda: lab.rows("SELECT 1 FROM run WHERE completed_at IS NOT NULL") != [])
        await asyncio.sleep(0.5)
    assert [event.type for event in lab.events(run)] == ["run.created", "run.completed"]
