"""More tasks at once than there are connections."""

import asyncio

import msgspec
import pytest

from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.settings import Settings
from tests.engine.conftest import Lab, new, until


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A worker with room for more."""
    return msgspec.structs.replace(settings, worker_concurrency=3 * settings.pool_size)


async def test_failures_that_wait_for_their_run_leave_connections_to_others(lab: Lab) -> None:
    slugs = [f"t{n}" for n in range(lab.app.settings.worker_concurrency)]
    begun, end = 0, asyncio.Event()

    async def fail(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal begun
        begun += 1
        await end.wait()
        raise TaskFailed("BAD", "no")

    lab.does |= dict.fromkeys(slugs, fail)
    run = await lab.start(*(new(slug, max_attempts=1) for slug in slugs))
    async with lab.working():
        await until(lambda: begun == len(slugs))
        with lab.owner.transaction():
            lab.owner.execute("SELECT FROM run WHERE id = %s FOR UPDATE", [run])
            end.set()
            await asyncio.sleep(0.5)
            states = lab.app.db.connections()["prazium_app"]
            assert (states["waiting"], states["in_use"] < lab.app.settings.pool_size) == (0, True)
        assert await lab.finish(run) == "failed"
