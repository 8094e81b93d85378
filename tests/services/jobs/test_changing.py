"""Cancelling and retrying jobs, one by one and by a filter."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.engine import claim, limits
from tests.engine.conftest import until
from tests.services.jobs.conftest import KIND, Caller, Json, fields

JOBS = "/orchestrator/jobs"
MISSING = "job_01kb0rd2y5hqv7w9sk3p6n8r4t"


async def change(caller: Caller, what: str, limit: int | None = None, **filters: object) -> Json:
    """What a change of many jobs did."""
    body = {"filter": filters} | ({"limit": limit} if limit else {})
    done: Json = await caller.call("POST", f"{JOBS}/{what}", json=body)
    return done


async def test_a_cancelled_job_has_ended_and_is_nobodys_work(caller: Caller) -> None:
    job_id = await caller.create()
    state = await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    job = await caller.get(job_id)
    assert (state["status"], job["status"]) == ("cancelled", "cancelled")
    assert job["completedAt"] is not None
    assert await caller.claim() == []
    assert caller.rows("SELECT status FROM task") == [("cancelled",)]
    assert await caller.events(job_id) == ["RUN_CREATED", "RUN_COMPLETED"]


async def test_a_worker_whose_job_is_cancelled_can_record_nothing(caller: Caller) -> None:
    job_id = await caller.create()
    task = await caller.begin()
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    assert not await caller.finish(task, {"late": True})
    job = await caller.get(job_id)
    assert (job["status"], job["result"]) == ("cancelled", None)
    assert await caller.events(job_id) == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]


async def test_what_was_claimed_before_the_cancel_is_not_begun_after_it(caller: Caller) -> None:
    job_id = await caller.create()
    leases = await caller.claim()
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    async with caller.ctx.transaction() as tx:
        assert await claim.begin(tx, leases) == []


async def test_of_twenty_cancels_one_succeeds(caller: Caller) -> None:
    job_id = await caller.create()
    asked = [caller.http.post(f"{JOBS}/{job_id}/cancel") for _ in range(20)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert statuses == [200] + [409] * 19
    assert await caller.events(job_id) == ["RUN_CREATED", "RUN_COMPLETED"]


@pytest.mark.parametrize("what", ["cancel", "retry"])
async def test_what_is_in_the_wrong_state_says_in_which(caller: Caller, what: str) -> None:
    job_id = await caller.succeed() if what == "cancel" else await caller.create()
    answer = await caller.http.post(f"{JOBS}/{job_id}/{what}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "CONFLICT")
    assert error["details"]["currentState"] == ("succeeded" if what == "cancel" else "queued")


async def test_a_retried_job_is_queued_with_fresh_attempts_and_the_same_options(
    caller: Caller,
) -> None:
    deadline = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    options: Json = {"timeoutSeconds": 7, "queueTimeoutSeconds": 8, "deadline": deadline}
    job_id = await caller.succeed({"n": 1}, **options)
    before = caller.rows("SELECT attempt, result FROM task")
    assert (await caller.call("POST", f"{JOBS}/{job_id}/retry"))["status"] == "queued"
    job = await caller.get(job_id)
    assert before == [(1, None)]
    assert (job["status"], job["attempt"], job["result"], job["resultSize"]) == (
        "queued",
        0,
        None,
        None,
    )
    assert (job["startedAt"], job["completedAt"], job["error"]) == (None, None, None)
    [times] = caller.rows("SELECT timeout_s, start_by < end_by, expires_at = start_by FROM ready")
    assert times == (7, True, True)
    assert await caller.finish(await caller.begin(), {"n": 2})
    assert (await caller.get(job_id))["result"] == {"n": 2}
    assert (await caller.events(job_id))[2:4] == ["RUN_COMPLETED", "JOB_RETRIED"]


async def retried_one(caller: Caller, job_id: str) -> None:
    await caller.call("POST", f"{JOBS}/{job_id}/retry")


async def retried_all(caller: Caller, job_id: str) -> None:
    done = await change(caller, "retry", status="cancelled", jobIds=[job_id])
    assert done["changed"] == 1


@pytest.mark.parametrize("retry", [retried_one, retried_all])
@pytest.mark.parametrize("options", [{}, {"concurrency": {"key": "one", "limit": 1}}])
async def test_a_retried_job_does_not_begin_before_its_time(
    caller: Caller, options: Json, retry: Callable[[Caller, str], Awaitable[None]]
) -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    job_id = await caller.create(runAt=moment.isoformat(), queueTimeoutSeconds=60, **options)
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    await retry(caller, job_id)
    await limits.admit(caller.ctx.app)
    assert await caller.claim() == []
    job = await caller.get(job_id)
    assert job["nextAttemptAt"] == job["runAt"]
    last = moment + timedelta(seconds=60)
    assert caller.rows("SELECT start_by, expires_at FROM ready") == [(last, last)]


async def test_a_retried_job_whose_time_has_come_begins_at_once(caller: Caller) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=0.2)
    job_id = await caller.create(runAt=moment.isoformat(), queueTimeoutSeconds=60)
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    await asyncio.sleep(0.3)
    await caller.call("POST", f"{JOBS}/{job_id}/retry")
    assert caller.rows("SELECT start_by > now() + interval '50 s' FROM ready") == [(True,)]
    assert (await caller.begin()).run_id == job_id


async def test_a_worker_of_the_first_round_cannot_write_in_the_second(caller: Caller) -> None:
    job_id = await caller.create()
    stale = await caller.begin()
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    await caller.call("POST", f"{JOBS}/{job_id}/retry")
    fresh = await caller.begin()
    assert fresh.lease_token > stale.lease_token
    assert not await caller.finish(stale, "stale")
    assert await caller.finish(fresh, "fresh")
    assert (await caller.get(job_id))["result"] == "fresh"


async def test_a_job_whose_key_another_has_is_not_retried(caller: Caller) -> None:
    first = await caller.succeed(dedupeKey="one")
    second = await caller.create(dedupeKey="one")
    answer = await caller.http.post(f"{JOBS}/{first}/retry")
    error = answer.json()["error"]
    assert (answer.status_code, error["details"]["id"]) == (409, second)
    assert error["message"].startswith("Another live job has the dedupe key")
    assert (await caller.get(first))["status"] == "succeeded"


async def test_a_job_is_not_retried_after_its_deadline(caller: Caller) -> None:
    late = await caller.late()
    answer = await caller.http.post(f"{JOBS}/{late}/retry")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert "deadline" in answer.json()["error"]["message"]
    assert (await caller.get(late))["status"] == "succeeded"


async def test_many_jobs_are_retried_past_those_that_cannot_be(caller: Caller) -> None:
    taken = await caller.succeed(dedupeKey="one")
    live = await caller.create(dedupeKey="one")
    late, able = await caller.late(), await caller.succeed(priority=9)
    done = await change(caller, "retry", limit=1, status="succeeded")
    assert done == {"matched": 1, "changed": 1, "more": False}
    states = [(await caller.get(job_id))["status"] for job_id in (taken, live, late, able)]
    assert states == ["succeeded", "queued", "succeeded", "queued"]


async def test_failed_jobs_are_retried_past_those_that_cannot_be(caller: Caller) -> None:
    taken, able = await caller.fail(dedupeKey="one"), await caller.fail()
    live = await caller.create(dedupeKey="one")
    done = await change(caller, "retry", limit=1, kind=KIND)
    assert done == {"matched": 1, "changed": 1, "more": False}
    states = [(await caller.get(job_id))["status"] for job_id in (taken, live, able)]
    assert states == ["failed", "queued", "queued"]


async def test_a_retried_job_has_its_key_again(caller: Caller) -> None:
    job_id = await caller.succeed(dedupeKey="one")
    await caller.call("POST", f"{JOBS}/{job_id}/retry")
    assert await caller.create(dedupeKey="one") == job_id


async def test_jobs_that_fit_are_cancelled_and_no_others(caller: Caller, stranger: Caller) -> None:
    mine = [await caller.create(queue="images", tags=["a"]) for _ in range(3)]
    others = [
        await caller.create(queue="images"),
        await caller.create(tags=["a"]),
        await caller.succeed(queue="images", tags=["a"], priority=9),
        await stranger.create(queue="images", tags=["a"]),
    ]
    done = await change(caller, "cancel", queue="images", tag="a", kind=KIND)
    assert done == {"matched": 3, "changed": 3, "more": False}
    assert {(await caller.get(job_id))["status"] for job_id in mine} == {"cancelled"}
    kept = caller.rows("SELECT status FROM run WHERE id = ANY(%s) ORDER BY 1", others)
    assert kept == [("queued",), ("queued",), ("queued",), ("succeeded",)]


@pytest.mark.parametrize(
    ("what", "before", "after"), [("cancel", "queued", "running"), ("retry", "failed", "cancelled")]
)
async def test_a_job_that_leaves_the_state_of_the_filter_is_not_changed(
    caller: Caller, what: str, before: str, after: str
) -> None:
    job_id = await (caller.create() if what == "cancel" else caller.fail())
    with caller.owner.transaction():
        caller.owner.execute("UPDATE run SET status = %s WHERE id = %s", [after, job_id])
        changing = asyncio.create_task(change(caller, what, status=before, queue="default"))
        await until(lambda: caller.rows("SELECT 1 FROM pg_locks WHERE NOT granted") != [])
    assert await changing == {"matched": 1, "changed": 0, "more": False}
    assert (await caller.get(job_id))["status"] == after


async def test_a_change_says_whether_there_are_more(caller: Caller) -> None:
    made = [await caller.create() for _ in range(5)]
    first = await change(caller, "cancel", limit=3, queue="default")
    assert first == {"matched": 3, "changed": 3, "more": True}
    assert (await caller.get(made[0]))["status"] == "cancelled"
    second = await change(caller, "cancel", limit=3, queue="default")
    assert second == {"matched": 2, "changed": 2, "more": False}


async def test_failed_jobs_are_retried_unless_the_filter_says_otherwise(caller: Caller) -> None:
    made = {"succeeded": await caller.succeed(), "failed": await caller.fail()}
    made["cancelled"] = await caller.create()
    await caller.call("POST", f"{JOBS}/{made['cancelled']}/cancel")
    assert (await change(caller, "retry", queue="default"))["changed"] == 1
    assert (await caller.get(made["failed"]))["status"] == "queued"
    assert (await change(caller, "retry", status="cancelled"))["changed"] == 1
    assert (await change(caller, "retry", status="running"))["matched"] == 0
    assert (await caller.get(made["succeeded"]))["status"] == "succeeded"


async def test_jobs_are_found_by_when_they_were_created(caller: Caller) -> None:
    first = await caller.create()
    between = (await caller.get(first))["createdAt"]
    await asyncio.sleep(0.01)
    second = await caller.create()
    middle = (datetime.fromisoformat(between) + timedelta(milliseconds=5)).isoformat()
    assert (await change(caller, "cancel", createdAfter=middle))["changed"] == 1
    assert (await caller.get(second))["status"] == "cancelled"
    assert (await change(caller, "cancel", createdBefore=middle))["changed"] == 1


WRONG: list[tuple[Json, str]] = [
    ({"filter": {}}, "/filter"),
    ({}, "/filter"),
    ({"filter": {"jobIds": []}}, "/filter/jobIds"),
    ({"filter": {"jobIds": ["run_01kb0r6sc2e6ha4z8m3x7jv9wd"]}}, "/filter/jobIds/0"),
    ({"filter": {"queue": "q" * 10_240}}, "/filter/queue"),
    ({"filter": {"status": "gone"}}, "/filter/status"),
    ({"filter": {"createdAfter": "yesterday"}}, "/filter/createdAfter"),
    ({"filter": {"all": True}}, "/filter/all"),
    ({"filter": {"queue": "a"}, "limit": 0}, "/limit"),
    ({"filter": {"queue": "a"}, "limit": 10_001}, "/limit"),
]


@pytest.mark.parametrize("what", ["cancel", "retry"])
async def test_a_change_without_a_good_filter_is_refused(caller: Caller, what: str) -> None:
    job_id = await caller.create()
    for body, field in WRONG:
        answer = await caller.http.post(f"{JOBS}/{what}", json=body)
        assert fields(answer) == [field]
    assert (await caller.get(job_id))["status"] == "queued"


async def test_another_tenants_jobs_are_not_changed_by_their_ids(
    caller: Caller, stranger: Caller
) -> None:
    theirs = await stranger.create()
    assert (await change(caller, "cancel", jobIds=[theirs, MISSING]))["matched"] == 0
    for what in ("cancel", "retry"):
        assert (await caller.http.post(f"{JOBS}/{theirs}/{what}")).status_code == 404
    assert (await stranger.get(theirs))["status"] == "queued"


async def test_whatever_is_asked_at_once_a_job_waits_exactly_while_it_lives(
    caller: Caller,
) -> None:
    jobs = [await caller.create() for _ in range(4)]
    chance = random.Random(4711)

    async def step() -> None:
        job_id = chance.choice(jobs)
        what = chance.choice(["cancel", "retry", "many", "work"])
        if what == "many":
            await change(
                caller, chance.choice(["cancel", "retry"]), jobIds=jobs, status="cancelled"
            )
        elif what == "work":
            leases = await caller.claim()
            async with caller.ctx.transaction() as tx:
                tasks = await claim.begin(tx, leases)
            for task in tasks:
                await caller.finish(task)
        else:
            await caller.http.post(f"{JOBS}/{job_id}/{what}")

    for _ in range(15):
        await asyncio.gather(*(step() for _ in range(8)))
    live = caller.rows("SELECT id FROM run WHERE completed_at IS NULL ORDER BY 1")
    assert live == caller.rows("SELECT run_id FROM ready ORDER BY 1")
    for job_id in jobs:
        events = await caller.events(job_id)
        ends, rounds = events.count("RUN_COMPLETED"), 1 + events.count("JOB_RETRIED")
        assert rounds - ends == ((job_id,) in live)
