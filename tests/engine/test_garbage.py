"""The collector of a worker looks when jobs may be garbage, not while they are worked on."""

import asyncio
import gc
from collections.abc import Iterator

import msgspec
import pytest

from services import garbage
from services.context import new_id
from services.engine.claim import TaskContext, TaskRow
from services.engine.enqueue import NewRun, enqueue
from services.engine.kind import Completion
from services.settings import Settings
from tests.engine.conftest import Lab, until

JOBS = 200


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A worker that takes all of them at once."""
    return msgspec.structs.replace(settings, worker_concurrency=JOBS)


@pytest.fixture
def thresholds() -> Iterator[None]:
    """What the collector was told is forgotten."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("thresholds")
def test_it_waits_for_all_that_the_slots_hold() -> None:
    garbage.collect_rarely()
    assert gc.get_threshold()[0] == garbage.YOUNG
    garbage.collect_rarely(1600)
    assert gc.get_threshold()[0] == 1600 * garbage.HELD


async def test_a_task_holds_fewer_objects_than_that(lab: Lab) -> None:
    at_work, go_on = 0, asyncio.Event()

    async def wait(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal at_work
        at_work += 1
        await go_on.wait()
        return Completion()

    lab.does["test"] = wait
    async with lab.working():
        gc.collect()
        before = len(gc.get_objects())
        async with lab.ctx.transaction() as tx:
            jobs = [NewRun(id=new_id("job"), kind="test", name="do", input={}) for _ in range(JOBS)]
            await enqueue(tx, jobs)
        del jobs
        await until(lambda: at_work == JOBS)
        gc.collect()
        held = (len(gc.get_objects()) - before) / JOBS
        go_on.set()
    assert 5 < held < garbage.HELD
