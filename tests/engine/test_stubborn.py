"""Functions that do not end when they are told to: the worker goes on without them."""

import asyncio
import time

import msgspec
import pytest

from services.engine import executors, worker
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.settings import Settings
from tests.engine.conftest import Lab, effect, new, until


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Room for one task."""
    return msgspec.structs.replace(settings, worker_concurrency=1)


async def stubborn(ctx: TaskContext, task: TaskRow) -> Completion:
    """Go on for five seconds, whatever is said."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            continue
    return Completion(record=effect("too late"))


async def test_a_task_that_does_not_end_frees_its_place(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GIVE_UP_S", 0.5)
    lab.does["a"] = stubborn
    async with lab.working():
        run = await lab.start(new("a"))
        await until(lambda: lab.task("a")[0] == "running")
        await lab.cancel(run)
        began = time.monotonic()
        assert await lab.finish(await lab.start(new("b"))) == "succeeded"
        assert time.monotonic() - began < 4
    await until(lambda: not executors.ABANDONED, 10)
    assert lab.effects() == []


async def test_a_task_that_does_not_end_does_not_keep_its_worker(lab: Lab) -> None:
    lab.does["a"] = stubborn
    async with lab.working():
        run = await lab.start(new("a"))
        await until(lambda: lab.task("a")[0] == "running")
        began = time.monotonic()
    assert time.monotonic() - began < 3.5
    lab.does = {}
    assert await lab.work_through(run) == "succeeded"
    await until(lambda: not executors.ABANDONED, 10)
    assert lab.effects() == []
