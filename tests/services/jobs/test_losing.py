"""Jobs whose worker is lost, and that nobody claims again."""

from typing import Any

import pytest

from services.engine import claim, limits
from services.engine.expiry import expire
from services.run_kinds import KINDS
from tests.services.jobs.conftest import Caller

LONG_AGO = (
    "UPDATE ready SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL"
)
FOR_EVER = 1e9


async def lose(caller: Caller, **fields: Any) -> str:
    """A job whose worker was lost, after everyone has looked; its id."""
    job_id = await caller.create(**fields)
    await caller.begin()
    caller.owner.execute(LONG_AGO.encode())
    await claim.free(caller.ctx.app, FOR_EVER)
    await expire(caller.ctx.app, KINDS, FOR_EVER)
    return job_id


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"retry": {"maxAttempts": 1}}, "WORKER_LOST"),
        ({"replay": "never"}, "REPLAY_REFUSED"),
        ({"replay": "ask"}, "REPLAY_UNDECIDED"),
    ],
)
async def test_a_job_that_was_lost_for_good_fails_though_nobody_claims_it(
    caller: Caller, fields: dict[str, Any], code: str
) -> None:
    job = await caller.get(await lose(caller, **fields))
    assert (job["status"], job["error"]["code"], job["attempt"]) == ("failed", code, 1)
    assert await caller.events(job["id"]) == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]
    assert caller.rows("SELECT 1 FROM ready") == []


async def test_a_job_that_was_lost_is_done_again_while_it_has_attempts(caller: Caller) -> None:
    job_id = await lose(caller, retry={"maxAttempts": 2})
    task = await caller.begin()
    assert (task.run_id, task.attempt) == (job_id, 2)
    assert await caller.finish(task, "done")


async def test_a_job_that_was_lost_for_good_gives_its_place_to_the_next(caller: Caller) -> None:
    shared = {"concurrency": {"key": "one", "limit": 1}}
    lost = await caller.create(retry={"maxAttempts": 1}, **shared)
    waits = await caller.create(**shared)
    await limits.admit(caller.ctx.app)
    await caller.begin()
    caller.owner.execute(LONG_AGO.encode())
    await claim.free(caller.ctx.app, FOR_EVER)
    await expire(caller.ctx.app, KINDS, FOR_EVER)
    assert (await caller.get(lost))["status"] == "failed"
    await limits.admit(caller.ctx.app)
    assert (await caller.begin()).run_id == waits
