"""Cancelling a run stops its work within two seconds, and nothing is written afterwards."""

import asyncio
import contextlib
import time

from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.threads import in_thread
from tests.engine.conftest import Lab, effect, new, until


async def test_a_running_function_is_stopped_within_two_seconds(lab: Lab) -> None:
    stopped: list[float] = []

    async def endless(ctx: TaskContext, task: TaskRow) -> Completion:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(time.monotonic())
        return Completion(record=effect("too late"))

    lab.does = {"a": endless, "b": endless}
    run = await lab.start(new("a"), new("b"), new("c", "a"))
    async with lab.working(2):
        await until(lambda: {lab.task("a")[0], lab.task("b")[0]} == {"running"})
        cancelled_at = time.monotonic()
        assert await lab.cancel(run)
        await until(lambda: len(stopped) == 2, 3)
    assert max(stopped) - cancelled_at < 2
    assert set(lab.statuses(run).values()) == {"cancelled"}
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_nothing_is_written_after_the_end_of_the_run(lab: Lab) -> None:
    finished = asyncio.Event()

    async def stubborn(ctx: TaskContext, task: TaskRow) -> Completion:
        with contextlib.suppress(asyncio.CancelledError):  # it does not listen
            await in_thread(time.sleep, 1.5)  # what cannot be interrupted goes on
        finished.set()
        return Completion(record=effect("too late"))

    lab.does["a"] = stubborn
    run = await lab.start(new("a"))
    async with lab.working():
        await until(lambda: lab.task("a")[0] == "running")
        await lab.cancel(run)
        said = lab.said(run)
        await asyncio.wait_for(finished.wait(), 5)
        await asyncio.sleep(0.3)
    assert said[-2:] == ["task.completed a", "run.completed"]
    assert lab.said(run) == said
    assert lab.effects() == []
    assert lab.run(run)[0] == "cancelled"


async def test_a_run_is_cancelled_once(lab: Lab) -> None:
    run = await lab.start(new("a"))
    answers = await asyncio.gather(*(lab.cancel(run) for _ in range(10)))
    assert sorted(answers) == [False] * 9 + [True]
    assert lab.said(run).count("run.completed") == 1
    assert lab.rows("SELECT whose FROM effect") == [("cancelled",)]


async def test_what_has_ended_cannot_be_cancelled(lab: Lab) -> None:
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert not await lab.cancel(run)
    assert lab.run(run)[0] == "succeeded"


async def test_a_worker_goes_on_with_other_runs(lab: Lab) -> None:
    async def endless(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.sleep(60)
        return Completion()

    slugs = [f"t{n}" for n in range(4)]  # all the room that a worker has
    lab.does = dict.fromkeys(slugs, endless)
    stuck = await lab.start(*(new(slug) for slug in slugs))
    other = await lab.start(new("quick"))
    async with lab.working():
        await until(lambda: list(lab.statuses(stuck).values()) == ["running"] * 4)
        await lab.cancel(stuck)
        assert await lab.finish(other, 5) == "succeeded"
