"""A queue that nothing needs can be deleted; nothing is ever queued where nobody would find it."""

import asyncio
from collections import Counter

import pytest

from services.engine import lanes
from tests.services.jobs.conftest import KIND, Caller, Json
from tests.services.jobs.test_places import QUEUES, fill

HERE = "/orchestrator/queues"
JOBS = "/orchestrator/jobs"
CRON = {"name": "daily", "cron": "0 7 * * *", "job": {"kind": KIND, "queue": "emails"}}
WAIT = {"slug": "first", "wait": {"for": "timer", "seconds": 60}}
STEP = {"slug": "then", "kind": KIND, "queue": "emails", "dependsOn": ["first"]}
GRAPH = {"tasks": [WAIT, STEP]}
MAP = STEP | {"map": {"over": [1, 2]}}
LOST = b"SELECT count(*) FROM ready WHERE NOT EXISTS (SELECT FROM lane WHERE lane.id = ready.lane)"


async def refused(caller: Caller, queue: str = "emails") -> str:
    """The message of a queue that is in use."""
    answer = await caller.http.delete(f"{HERE}/{queue}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT"), answer.text
    return str(answer.json()["error"]["message"])


async def test_a_deleted_queue_is_shown_once_more_and_then_gone(caller: Caller) -> None:
    await caller.succeed(queue="emails")
    await caller.call("PATCH", f"{HERE}/emails", json={"concurrency": 2})
    gone = await caller.call("DELETE", f"{HERE}/emails")
    assert (gone["name"], gone["concurrency"]) == ("emails", 2)
    for method in ("GET", "DELETE"):
        assert (await caller.http.request(method, f"{HERE}/emails")).status_code == 404
    events = caller.rows("SELECT type, payload FROM event WHERE run_id IS NULL ORDER BY id")
    assert events[-1] == ("queue.deleted", {"queue": "emails"})
    assert caller.rows("SELECT count(*) FROM lane") == [(0,)]


async def test_a_deleted_queue_makes_room_and_comes_back_without_limits(caller: Caller) -> None:
    await caller.call("PATCH", f"{HERE}/emails", json={"concurrency": 2})
    await caller.call("POST", f"{HERE}/emails/pause")
    fill(caller, QUEUES)
    await caller.call("DELETE", f"{HERE}/q7")
    await caller.create(queue="new")
    await caller.call("DELETE", f"{HERE}/emails")
    await caller.create(queue="emails")
    queue = await caller.call("GET", f"{HERE}/emails")
    assert (queue["concurrency"], queue["paused"]) == (None, False)


@pytest.mark.parametrize(
    "options", [{}, {"delaySeconds": 60}, {"concurrency": {"key": "k", "limit": 1}}]
)
async def test_a_queue_in_which_a_job_waits_is_kept(caller: Caller, options: Json) -> None:
    job_id = await caller.create(queue="emails", **options)
    assert "wait or run" in await refused(caller)
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    await caller.call("DELETE", f"{HERE}/emails")


async def test_a_queue_in_which_a_job_runs_is_kept(caller: Caller) -> None:
    await caller.create(queue="emails")
    task = await caller.begin()
    await refused(caller)
    assert await caller.finish(task)
    await caller.call("DELETE", f"{HERE}/emails")


async def test_a_queue_of_a_schedule_is_kept(caller: Caller) -> None:
    schedule = await caller.call("POST", "/orchestrator/schedules", json=CRON)
    assert schedule["id"] in await refused(caller)
    await caller.call("DELETE", f"/orchestrator/schedules/{schedule['id']}")
    await caller.call("DELETE", f"{HERE}/emails")


@pytest.mark.parametrize(
    "graph", [GRAPH, {"tasks": [WAIT, MAP]}, {"tasks": [{"slug": "inner", "graph": GRAPH}]}]
)
async def test_a_queue_that_a_live_graph_will_need_is_kept(caller: Caller, graph: Json) -> None:
    run = await caller.call("POST", "/orchestrator/graphs", json=graph)
    assert "sends jobs" in await refused(caller)
    await caller.call("POST", f"/orchestrator/graphs/{run['id']}/cancel")
    await caller.call("DELETE", f"{HERE}/emails")


async def test_the_default_queue_of_a_graph_in_a_graph_is_kept(caller: Caller) -> None:
    step = {key: value for key, value in STEP.items() if key != "queue"}
    inner = {"tasks": [WAIT, {"slug": "inner", "graph": {"tasks": [step | {"dependsOn": []}]}}]}
    inner["tasks"][1]["dependsOn"] = ["first"]
    await caller.call("POST", "/orchestrator/graphs", json=inner)
    assert "sends jobs" in await refused(caller, "default")


async def test_a_job_that_is_retried_makes_its_queue_again(caller: Caller) -> None:
    job_id = await caller.succeed(queue="emails", priority=3)
    await caller.call("DELETE", f"{HERE}/emails")
    await caller.call("POST", f"{JOBS}/{job_id}/retry")
    assert [lease.run_id for lease in await caller.claim()] == [job_id]
    assert (await caller.call("GET", f"{HERE}/emails"))["counts"]["running"] == 1


async def test_a_retry_that_would_need_one_queue_too_many_is_refused(caller: Caller) -> None:
    job_id = await caller.succeed(queue="emails")
    await caller.call("DELETE", f"{HERE}/emails")
    await caller.create()
    fill(caller, QUEUES)
    answer = await caller.http.post(f"{JOBS}/{job_id}/retry")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await caller.get(job_id))["status"] == "succeeded"


async def test_a_queue_of_another_tenant_is_not_there(caller: Caller, stranger: Caller) -> None:
    await stranger.call("PATCH", f"{HERE}/theirs", json={"concurrency": 1})
    assert (await caller.http.delete(f"{HERE}/theirs")).status_code == 404
    await stranger.call("GET", f"{HERE}/theirs")


async def test_whoever_queues_for_long_is_not_waited_for(caller: Caller) -> None:
    await caller.call("PATCH", f"{HERE}/emails", json={"concurrency": 1})
    async with caller.ctx.transaction() as tx, asyncio.timeout(4):
        await lanes.make(tx, [])
        answer = await caller.http.delete(f"{HERE}/emails")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    await caller.call("DELETE", f"{HERE}/emails")


async def test_what_is_sent_while_a_queue_is_deleted_is_found(caller: Caller) -> None:
    async def send() -> None:
        for _ in range(40):
            job_id = await caller.create(queue="emails")
            await caller.call("POST", f"{JOBS}/{job_id}/cancel")
            await caller.call("POST", f"{JOBS}/{job_id}/retry")
            await caller.call("POST", f"{JOBS}/{job_id}/cancel")

    async def delete() -> None:
        while not sent.done():
            answer = await caller.http.delete(f"{HERE}/emails")
            answers[answer.status_code] += 1
            assert caller.owner.execute(LOST).fetchone() == (0,)

    answers = Counter[int]()
    sent = asyncio.gather(send(), send())
    await asyncio.gather(sent, delete(), delete())
    assert answers.keys() == {200, 404, 409} and answers[200] > 5, answers
