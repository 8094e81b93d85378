"""Workers over HTTP: how they wait for jobs, and what becomes of jobs they give back or fail."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services import keys, worker, worker_jobs
from services.context import Context
from services.engine import claim as engine
from services.engine.claim import TaskRow
from services.engine.expiry import expire
from services.run_kinds import KINDS
from tests.services.jobs.conftest import KIND, Caller, Json

CLAIM: Json = {"queues": ["default"], "kinds": [KIND]}
LATER = 20.0
"""A poll floor that no test waits for."""
FOR_EVER = 1e9


async def claim(caller: Caller, **more: Any) -> list[Json]:
    """The jobs of a claim."""
    jobs: list[Json] = (await caller.call("POST", "/worker/claim", json=CLAIM | more))["jobs"]
    return jobs


async def one(caller: Caller, **fields: Any) -> Json:
    """A new job, claimed."""
    await caller.create(**fields)
    [job] = await claim(caller)
    return job


async def say(caller: Caller, job: Json, what: str, **more: Any) -> Json:
    """What is said about a job that was claimed has to be accepted."""
    body = {"leaseToken": job["leaseToken"]} | more
    said: Json = await caller.call("POST", f"/worker/jobs/{job['jobId']}/{what}", json=body)
    return said


async def fail(caller: Caller, job: Json, **more: Any) -> None:
    """A failure of a job that was claimed."""
    await say(caller, job, "fail", error={"code": "BROKEN", "message": "It broke."}, **more)


@pytest.mark.parametrize(
    ("replay", "code"), [("never", "REPLAY_REFUSED"), ("ask", "REPLAY_UNDECIDED")]
)
async def test_a_job_whose_work_was_interrupted_is_not_done_again_if_it_must_not(
    caller: Caller, replay: str, code: str
) -> None:
    job = await one(caller, replay=replay)
    assert (await say(caller, job, "release", interrupted=True))["status"] == "queued"
    assert await claim(caller) == []
    await expire(caller.ctx.app, KINDS, FOR_EVER)
    found = await caller.get(job["jobId"])
    assert (found["status"], found["error"]["code"], found["attempt"]) == ("failed", code, 1)


@pytest.mark.parametrize(
    ("replay", "interrupted"), [("safe", True), ("never", False), ("ask", False)]
)
async def test_a_job_that_may_be_done_again_is_after_its_hand_back(
    caller: Caller, replay: str, interrupted: bool
) -> None:
    job = await one(caller, replay=replay)
    await say(caller, job, "release", interrupted=interrupted)
    [again] = await claim(caller)
    assert (again["jobId"], again["attempt"]) == (job["jobId"], 1)
    await say(caller, again, "complete")


async def test_a_job_that_is_cancelled_before_it_is_given_back_stays_cancelled(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await caller.create()
    give_back = worker.give_back

    async def too_late(ctx: Context, tasks: list[TaskRow]) -> None:
        await caller.call("POST", f"/orchestrator/jobs/{job_id}/cancel")
        await give_back(ctx, tasks)

    monkeypatch.setattr(worker, "give_back", too_late)
    left = asyncio.Event()
    left.set()
    assert await worker.begun(replace(caller.ctx, left=left), await caller.claim()) == []
    assert (await caller.get(job_id))["status"] == "cancelled"
    assert await caller.events(job_id) == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]


async def test_a_release_by_a_lease_that_is_lost_changes_nothing(caller: Caller) -> None:
    job_id = await caller.create()
    lease = job_id, (await caller.begin()).lease_token
    async with caller.ctx.transaction() as tx:
        held = (await worker_jobs.hold_many(caller.ctx, tx, [lease]))[lease]
        await worker_jobs.release(tx, held)
    await caller.begin()
    before = caller.digest()
    async with caller.ctx.transaction() as tx:
        await worker_jobs.release(tx, held)
    assert caller.digest() == before


async def test_a_stale_entry_of_a_batch_keeps_no_other_of_the_same_job_from_being_recorded(
    caller: Caller,
) -> None:
    stale = await one(caller)
    await say(caller, stale, "release")
    [held] = await claim(caller)
    entries = [
        {"jobId": job["jobId"], "leaseToken": job["leaseToken"], "result": result}
        for job, result in ((stale, "old"), (held, "new"), (held, "twice"))
    ]
    done = await caller.call("POST", "/worker/complete", json={"completions": entries})
    assert [item["outcome"] for item in done["items"]] == ["stale", "done", "stale"]
    assert (await caller.get(held["jobId"]))["result"] == "new"


async def test_a_key_that_is_revoked_while_it_waits_gets_no_job(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_S", LATER)
    secret = await keys.create_key(caller.ctx.app, "mine", "waits")
    [key] = [
        key for key in await keys.list_keys(caller.ctx.app, "mine") if key.last_four == secret[-4:]
    ]
    polling = asyncio.create_task(poll(caller, secret))
    await asyncio.sleep(0.3)
    await keys.revoke_key(caller.ctx.app, key.id)
    job_id = await caller.create()
    await refused(polling)
    assert caller.rows("SELECT attempt FROM ready WHERE run_id = %s", job_id) == [(0,)]


async def test_a_key_that_expires_while_it_waits_is_told_so(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    ends = datetime.now(UTC) + timedelta(seconds=1)
    secret = await keys.create_key(caller.ctx.app, "mine", "waits", expires_at=ends)
    await refused(asyncio.create_task(poll(caller, secret)))


async def poll(caller: Caller, secret: str) -> httpx.Response:
    """The answer to a claim that waits, with a key of its own."""
    headers = {"Authorization": f"Bearer {secret}"}
    body = CLAIM | {"waitSeconds": 10}
    return await caller.http.post("/worker/claim", headers=headers, json=body)


async def refused(polling: Awaitable[httpx.Response]) -> None:
    """A poll ends long before its patience does, as its key is good no longer."""
    answer = await asyncio.wait_for(polling, 5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")


async def test_a_poll_at_a_limited_queue_is_answered_when_its_period_is_over(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_S", LATER)
    rate = {"rateLimit": {"limit": 1, "periodSeconds": 1}}
    await caller.call("PATCH", "/orchestrator/queues/default", json=rate)
    for _ in range(2):
        await caller.create()
    await claim(caller)
    began = time.monotonic()
    assert len(await claim(caller, waitSeconds=5)) == 1
    assert time.monotonic() - began < 3


async def test_the_log_of_a_job_that_is_done_once_more_goes_on_behind_what_was_written(
    caller: Caller,
) -> None:
    job = await one(caller, retry={"baseSeconds": 0})
    await fail(caller, await logged(caller, job, "first"))
    await engine.free(caller.ctx.app, 60)
    [job] = await claim(caller)
    await fail(caller, await logged(caller, job, "second"), retryable=False)
    for message in ("third", "fourth"):
        await caller.call("POST", f"/orchestrator/jobs/{job['jobId']}/retry")
        [job] = await claim(caller)
        await fail(caller, await logged(caller, job, message), retryable=False)
    lines = await caller.call("GET", f"/orchestrator/jobs/{job['jobId']}/logs")
    said = [(line["message"], line["attempt"]) for line in lines]
    assert said == [("first", 1), ("second", 2), ("third", 1), ("fourth", 1)]


async def logged(caller: Caller, job: Json, message: str) -> Json:
    """The job, after a line of its log that has the highest number so far."""
    answer = await say(caller, job, "logs", lines=[{"message": message}])
    [(last,)] = caller.rows("SELECT max(seq) FROM job_log")
    assert (answer["stored"], answer["lastSeq"]) == (1, last)
    return job


async def test_an_attempt_of_another_round_may_write_as_many_lines_as_the_first(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_jobs, "MOST_LINES", 3)
    job, four = await one(caller), [{"message": "A line."}] * 4
    assert (await say(caller, job, "logs", lines=four))["stored"] == 3
    await fail(caller, job, retryable=False)
    await caller.call("POST", f"/orchestrator/jobs/{job['jobId']}/retry")
    [job] = await claim(caller)
    stored = [(await say(caller, job, "logs", lines=four[:2]))["stored"] for _ in range(2)]
    assert stored == [2, 1]


@pytest.mark.parametrize("seconds", [0.5, 900])
async def test_the_pause_that_a_worker_asks_for_is_taken_instead_of_that_of_the_policy(
    caller: Caller, seconds: float
) -> None:
    policy = {"baseSeconds": 600, "capSeconds": 600, "jitter": False}
    job = await one(caller, retry=policy)
    began = datetime.now(UTC)
    await fail(caller, job, retryAfterSeconds=seconds)
    [(run_at,)] = caller.rows("SELECT run_at FROM ready")
    assert abs((run_at - began).total_seconds() - seconds) < 2
