"""The contract of executors (docs/executors.md). Inherit, give the fixture `executor`, and pass.

An executor that is `isolated` keeps what a function does to its process from the worker; it passes
`IsolatedContract` too.
"""

import asyncio
import json
import os
import time
from typing import Any

import pytest

from services.engine.executors import Executor, Stopped, executed
from services.engine.retry import TaskFailed
from services.portable import Attempt, Function
from tests.engine import executor_functions as functions
from tests.services.test_sandbox import living, until

CANCEL_S = 2.0


def attempt(**given: Any) -> Attempt:
    """An attempt."""
    return Attempt(kind="test", input=given, token="task_1", number=2)


async def result(executor: Executor, function: Function, **given: Any) -> Any:
    """What a function comes to."""
    return json.loads(bytes(await executed(executor, function, attempt(**given))))


async def failure(executor: Executor, function: Function, **given: Any) -> TaskFailed:
    """How an attempt fails."""
    with pytest.raises(TaskFailed) as failed:
        await result(executor, function, **given)
    return failed.value


class ExecutorContract:
    """What every executor does."""

    async def test_a_function_is_told_all_and_its_result_comes_back(
        self, executor: Executor
    ) -> None:
        given = {"text": "héllo\u2028", "list": [1, 2.5, None, True], "deep": {"a": {"b": {}}}}
        assert await result(executor, functions.echo, **given) == {
            "kind": "test",
            "input": given,
            "token": "task_1",
            "number": 2,
        }

    async def test_nothing_is_a_result(self, executor: Executor) -> None:
        assert await result(executor, functions.nothing) is None

    async def test_a_refusal_is_told_as_it_is(self, executor: Executor) -> None:
        failed = await failure(executor, functions.refuse)
        assert (failed.failure.code, failed.failure.message) == (
            "NO_SUCH_ORDER",
            "There is no order 7.",
        )
        assert (failed.retryable, failed.retry_after_s) == (True, 7)

    async def test_a_refusal_that_cannot_be_kept_is_made_fit(self, executor: Executor) -> None:
        failed = await failure(executor, functions.refuse_strangely)
        assert (failed.failure.code, failed.failure.message) == ("FAILED", "a\ufffdb")

    async def test_a_crash_is_a_failed_attempt_that_tells_nothing_of_the_inside(
        self, executor: Executor
    ) -> None:
        failed = await failure(executor, functions.crash)
        assert (failed.failure.code, failed.retryable) == ("ATTEMPT_CRASHED", True)
        assert "secret" not in failed.failure.message

    async def test_what_is_no_json_is_a_failure(self, executor: Executor) -> None:
        failed = await failure(executor, functions.no_json)
        assert failed.failure.code in ("RESULT_INVALID", "ATTEMPT_CRASHED")

    async def test_what_cannot_be_stored_is_a_failure_for_good(self, executor: Executor) -> None:
        failed = await failure(executor, functions.nul)
        assert (failed.failure.code, failed.retryable) == ("RESULT_INVALID", False)

    async def test_what_only_looks_as_if_it_could_not_be_stored_is_a_result(
        self, executor: Executor
    ) -> None:
        assert await result(executor, functions.backslash) == "C:\\u0000"

    async def test_a_huge_result_is_a_failure_for_good(self, executor: Executor) -> None:
        failed = await failure(executor, functions.huge)
        assert (failed.failure.code, failed.retryable) == ("RESULT_TOO_LARGE", False)

    @pytest.mark.parametrize("function", [functions.wait, functions.swallow])
    @pytest.mark.parametrize("after_s", [0.0, 0.5])
    async def test_an_attempt_that_is_cancelled_ends_within_two_seconds_whatever_it_does(
        self, executor: Executor, function: Function, after_s: float
    ) -> None:
        execution = executor.start(function, attempt())
        await asyncio.sleep(after_s)
        began = time.monotonic()
        execution.cancel()
        with pytest.raises(Stopped):
            await execution.result()
        assert time.monotonic() - began < CANCEL_S

    async def test_a_cancelled_attempt_can_be_cancelled_and_asked_again(
        self, executor: Executor
    ) -> None:
        execution = executor.start(functions.wait, attempt())
        for _ in range(2):
            execution.cancel()
            with pytest.raises(Stopped):
                await execution.result()

    async def test_what_has_ended_cannot_be_cancelled(self, executor: Executor) -> None:
        execution = executor.start(functions.nothing, attempt())
        before = await execution.result()
        execution.cancel()
        assert await execution.result() == before

    async def test_two_can_wait_for_one_attempt(self, executor: Executor) -> None:
        execution = executor.start(functions.echo, attempt(a=1))
        first, second = await asyncio.gather(execution.result(), execution.result())
        assert bytes(first) == bytes(second)

    async def test_who_stops_waiting_does_not_stop_the_attempt(self, executor: Executor) -> None:
        execution = executor.start(functions.nothing, attempt())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(execution.result(), 0.0)
        assert bytes(await execution.result()) == b"null"

    async def test_a_cancelled_caller_goes_on_when_the_attempt_has_ended(
        self, executor: Executor
    ) -> None:
        marker = f"30.{os.getpid()}3"
        caller = asyncio.create_task(result(executor, functions.tidy, marker=marker))
        assert await until(lambda: living(marker))
        began = time.monotonic()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert time.monotonic() - began < CANCEL_S
        assert not living(marker)

    async def test_attempts_run_beside_each_other(self, executor: Executor) -> None:
        found = await asyncio.gather(*(result(executor, functions.echo, n=n) for n in range(4)))
        assert [one["input"]["n"] for one in found] == [0, 1, 2, 3]


class IsolatedContract(ExecutorContract):
    """What an executor does that keeps its worker apart from its functions."""

    @pytest.mark.parametrize(
        "function",
        [functions.die, functions.segfault, functions.leave, functions.exit_early],
    )
    async def test_the_death_of_the_process_is_a_failed_attempt(
        self, executor: Executor, function: Function
    ) -> None:
        failed = await failure(executor, function)
        assert (failed.failure.code, failed.retryable) == ("ATTEMPT_CRASHED", True)

    async def test_the_worker_stays_awake_while_a_function_computes_for_ever(
        self, executor: Executor
    ) -> None:
        execution = executor.start(functions.compute, attempt())
        longest, end = 0.0, time.monotonic() + 1
        while time.monotonic() < end:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        began = time.monotonic()
        execution.cancel()
        with pytest.raises(Stopped):
            await execution.result()
        assert longest < 0.3
        assert time.monotonic() - began < CANCEL_S

    async def test_a_function_that_ignores_signals_is_ended_too(self, executor: Executor) -> None:
        execution = executor.start(functions.swallow, attempt(signals=True))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        execution.cancel()
        with pytest.raises(Stopped):
            await execution.result()
        assert time.monotonic() - began < CANCEL_S

    async def test_no_program_outlives_its_attempt(self, executor: Executor) -> None:
        marker = f"30.{os.getpid()}4"
        assert await result(executor, functions.leave_programs, marker=marker) == "left"
        assert not living(marker)

    async def test_a_thread_does_not_hold_up_the_result(self, executor: Executor) -> None:
        began = time.monotonic()
        assert await result(executor, functions.leave_thread) == "left"
        assert time.monotonic() - began < 5

    async def test_what_a_function_prints_is_no_result(self, executor: Executor) -> None:
        assert await result(executor, functions.chatter) == "done"

    @pytest.mark.parametrize("function", [functions.flood, functions.hoard])
    async def test_a_function_that_takes_too_much_is_stopped(
        self, executor: Executor, function: Function
    ) -> None:
        failed = await failure(executor, function)
        assert failed.failure.code in ("LIMIT_EXCEEDED", "ATTEMPT_CRASHED")
