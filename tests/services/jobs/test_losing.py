"""Jobs whose worker is lost, and that nobody claims again."""

import asyncio
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
    types = ["RUN_CREATED", "TASK_STARTED", "TASK_LOST", "RUN_COMPLETED"]
    assert await caller.events(job["id"]) == types
    assert caller.rows("SELECT 1 FROM ready") == []


async def test_a_job_that_was_lost_is_done_again_while_it_has_attempts(caller: Caller) -> None:
    job_id = await lose(caller, retry={"maxAttempts": 2})
    task = await caller.begin()
    assert (task.run_id, task.attempt) == (job_id, 2)
    assert await caller.finish(task, "done")


async def test_the_events_of_a_job_say_that_an_attempt_was_lost_and_the_job_waits_again(
    caller: Caller,
) -> None:
    job_id = await lose(caller)
    assert (await caller.get(job_id))["status"] == "queued"
    [(about, started)] = caller.rows(
        "SELECT lost.payload, started.payload ->> 'workerId' FROM event AS lost "
        "JOIN event AS started USING (run_id) "
        "WHERE lost.type = 'task.lost' AND started.type = 'task.started'"
    )
    assert about == {"attempt": 1, "workerId": started}
    assert await caller.finish(await caller.begin())
    begun, ended = ["RUN_CREATED", "TASK_STARTED"], ["TASK_STARTED", "RUN_COMPLETED"]
    assert await caller.events(job_id) == [*begun, "TASK_LOST", *ended]


async def test_an_attempt_that_was_lost_before_it_began_is_in_the_events(caller: Caller) -> None:
    job_id = await caller.create()
    await caller.claim()
    caller.owner.execute(LONG_AGO.encode())
    await claim.free(caller.ctx.app, FOR_EVER)
    assert await caller.events(job_id) == ["RUN_CREATED", "TASK_LOST"]


async def test_a_look_waits_for_nobody_who_is_ending_what_was_lost(caller: Caller) -> None:
    job_id = await caller.create()
    await caller.begin()
    caller.owner.execute(LONG_AGO.encode())
    with caller.owner.transaction():
        caller.owner.execute("SELECT FROM run FOR UPDATE")
        freeing = await asyncio.wait_for(claim.free(caller.ctx.app, FOR_EVER), 2)
        assert freeing.lost == 0
    assert (await claim.free(caller.ctx.app, FOR_EVER)).lost == 1
    assert await caller.events(job_id) == ["RUN_CREATED", "TASK_STARTED", "TASK_LOST"]


async def test_a_job_that_a_stopping_worker_gives_back_says_so(caller: Caller) -> None:
    job_id = await caller.create()
    [lease] = await caller.claim()
    [(worker_id,)] = caller.rows("SELECT worker_id FROM ready")
    async with caller.ctx.transaction() as tx:
        await claim.begin(tx, [lease])
    await claim.sign_off(caller.ctx.app, worker_id)
    job = await caller.get(job_id)
    assert (job["status"], job["attempt"]) == ("queued", 1)
    assert caller.rows("SELECT payload FROM event WHERE type = 'task.released'") == [
        ({"attempt": 1, "workerId": worker_id},)
    ]
    assert caller.rows("SELECT attempt FROM ready") == [(0,)]
    assert await caller.events(job_id) == ["RUN_CREATED", "TASK_STARTED", "TASK_RELEASED"]


async def test_a_job_that_is_given_back_before_it_began_leaves_no_trace(caller: Caller) -> None:
    job_id = await caller.create()
    await caller.claim()
    [(worker_id,)] = caller.rows("SELECT worker_id FROM ready")
    await claim.hand_back(caller.ctx.app, worker_id, [], begun=False)
    assert await caller.events(job_id) == ["RUN_CREATED"]
    assert caller.rows("SELECT attempt, worker_id FROM ready") == [(0, None)]


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


async def test_a_job_that_is_released_before_its_start_is_recorded_tells_its_attempt(
    caller: Caller,
) -> None:
    job_id = await caller.create()
    [lease] = await caller.claim()
    body = {"leaseToken": lease.lease_token}
    await caller.call("POST", f"/worker/jobs/{job_id}/release", json=body)
    told = caller.rows("SELECT payload FROM event WHERE type = 'job.released'")
    assert told == [({"attempt": 1},)]
