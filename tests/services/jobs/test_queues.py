"""Queues over HTTP: what waits in them, their limits, pauses and failed jobs."""

from typing import Any

import pytest

from services import keys, queues
from services.engine import limits
from services.engine.complete import fail_task
from services.engine.retry import TaskFailed
from services.run_kinds import KINDS
from tests.services.jobs.conftest import Caller, Json, fields

HERE = "/orchestrator/queues"


async def fail(caller: Caller, **options: Any) -> str:
    """A job that has failed; its id."""
    job_id = await caller.create(**options)
    task = await caller.begin()
    async with caller.ctx.transaction() as tx:
        await fail_task(tx, KINDS, task, TaskFailed("BROKEN", "It is broken."))
    return job_id


async def counts(caller: Caller, queue: str = "default") -> Json:
    """How many jobs of a queue stand where."""
    found: Json = (await caller.call("GET", f"{HERE}/{queue}"))["counts"]
    return found


async def happened(caller: Caller) -> list[str]:
    """The events of the tenant outside runs."""
    found = caller.rows("SELECT type FROM event WHERE run_id IS NULL ORDER BY id")
    return [kind for (kind,) in found]


async def test_a_queue_is_there_once_a_job_was_sent_to_it(caller: Caller) -> None:
    assert (await caller.http.get(f"{HERE}/emails")).status_code == 404
    await caller.create(queue="emails")
    queue = await caller.call("GET", f"{HERE}/emails")
    assert (queue["name"], queue["paused"], queue["concurrency"]) == ("emails", False, None)
    assert queue["oldestReadyAt"] is not None


async def test_the_counts_tell_what_stands_where(caller: Caller) -> None:
    await fail(caller)
    await caller.create()
    await caller.begin()
    for _ in range(2):
        await caller.create()
    await caller.create(delaySeconds=60)
    await caller.create(concurrency={"key": "k", "limit": 1})
    assert await counts(caller) == {
        "ready": 2,
        "delayed": 1,
        "running": 1,
        "parked": 1,
        "failed": 1,
    }


async def test_counting_ends_somewhere(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_COUNTED", 3)
    for _ in range(5):
        await caller.create()
    assert (await counts(caller))["ready"] == 3


async def test_a_queue_can_have_limits_before_it_has_jobs(caller: Caller) -> None:
    rate = {"limit": 100, "periodSeconds": 60}
    limits = {"concurrency": 2, "rateLimit": rate}
    queue = await caller.call("PATCH", f"{HERE}/emails", json=limits)
    assert (queue["concurrency"], queue["rateLimit"]) == (2, rate)
    assert queue["oldestReadyAt"] is None
    queue = await caller.call("PATCH", f"{HERE}/emails", json={"concurrency": None})
    assert (queue["concurrency"], queue["rateLimit"]) == (None, rate)
    queue = await caller.call("PATCH", f"{HERE}/emails", json={"rateLimit": None})
    assert queue["rateLimit"] is None
    assert await happened(caller) == ["queue.updated"] * 3


async def test_from_a_paused_queue_nothing_begins_until_it_is_resumed(caller: Caller) -> None:
    await caller.create()
    for _ in range(2):
        assert (await caller.call("POST", f"{HERE}/default/pause"))["paused"]
    await caller.create()
    assert await caller.claim(slots=5) == []
    for _ in range(2):
        assert not (await caller.call("POST", f"{HERE}/default/resume"))["paused"]
    assert len(await caller.claim(slots=5)) == 2
    assert await happened(caller) == ["queue.paused", "queue.resumed"]


async def test_lists_are_by_name_without_the_products_own_queue(caller: Caller) -> None:
    for name in ("b", "a", "c"):
        await caller.create(queue=name)
    caller.rows(
        "INSERT INTO queue (tenant_id, name) VALUES (%s, '_own') RETURNING 1",
        caller.ctx.actor.tenant_id,
    )
    listed = await caller.http.get(HERE, params={"pageSize": 2})
    assert [queue["name"] for queue in listed.json()["data"]] == ["a", "b"]
    assert listed.json()["pagination"]["total"] == 3


async def test_queues_of_another_tenant_are_not_there(caller: Caller, stranger: Caller) -> None:
    await stranger.create(queue="theirs")
    assert await caller.call("GET", HERE) == []
    for method, end in (("GET", ""), ("POST", "/pause"), ("POST", "/resume"), ("GET", "/failed")):
        answer = await caller.http.request(method, f"{HERE}/theirs{end}")
        assert answer.status_code == 404, answer.text
    await caller.call("PATCH", f"{HERE}/theirs", json={"concurrency": 1})
    assert (await stranger.call("GET", f"{HERE}/theirs"))["concurrency"] is None


async def test_a_restricted_key_reaches_its_own_queues_alone(caller: Caller) -> None:
    for name in ("mine", "other"):
        await caller.create(queue=name)
    key = await keys.create_key(caller.ctx.app, "mine", "worker", queues=["mine"])
    caller.http.headers["Authorization"] = f"Bearer {key}"
    assert [queue["name"] for queue in await caller.call("GET", HERE)] == ["mine"]
    for method, end, body in (
        ("GET", "", None),
        ("PATCH", "", {"concurrency": 1}),
        ("POST", "/pause", None),
        ("POST", "/resume", None),
        ("GET", "/failed", None),
    ):
        answer = await caller.http.request(method, f"{HERE}/other{end}", json=body)
        assert answer.status_code == 403, answer.text


async def test_failed_jobs_are_listed_with_a_cursor_the_last_first(caller: Caller) -> None:
    failed = [await fail(caller) for _ in range(5)]
    await fail(caller, queue="other")
    seen, cursor = list[str](), None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await caller.http.get(f"{HERE}/default/failed", params=params)).json()
        seen += [job["id"] for job in page["data"]]
        cursor = page["pagination"]["nextCursor"]
        if not cursor:
            break
    assert seen == failed[::-1]
    assert {job["error"]["code"] for job in page["data"]} == {"BROKEN"}


async def test_a_cursor_of_another_queue_is_refused(caller: Caller) -> None:
    for queue in ("a", "a", "b"):
        await fail(caller, queue=queue)
    page = (await caller.http.get(f"{HERE}/a/failed", params={"limit": 1})).json()
    cursor = page["pagination"]["nextCursor"]
    answer = await caller.http.get(f"{HERE}/b/failed", params={"cursor": cursor})
    assert fields(answer) == ["/cursor"]


async def test_a_retried_job_is_no_dead_letter_any_more(caller: Caller) -> None:
    first, second = [await fail(caller) for _ in range(2)]
    await caller.call("POST", f"/orchestrator/jobs/{first}/retry")
    listed = await caller.call("GET", f"{HERE}/default/failed")
    assert [job["id"] for job in listed] == [second]


async def test_the_dead_letters_of_a_queue_are_queued_again_by_filter(caller: Caller) -> None:
    await caller.succeed(queue="a")
    for queue in ("a", "a", "b"):
        await fail(caller, queue=queue)
    body = {"filter": {"queue": "a"}}
    changed = await caller.call("POST", "/orchestrator/jobs/retry", json=body)
    assert (changed["matched"], changed["changed"]) == (2, 2)
    assert (await counts(caller, "a"))["ready"] == 2
    assert (await counts(caller, "a"))["failed"] == 0
    assert (await counts(caller, "b"))["failed"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"concurrency": 0}, "/concurrency"),
        ({"concurrency": 100001}, "/concurrency"),
        ({"concurrency": "2"}, "/concurrency"),
        ({"rateLimit": {"limit": 1}}, "/rateLimit/periodSeconds"),
        ({"rateLimit": {"limit": 0, "periodSeconds": 1}}, "/rateLimit/limit"),
        ({"rateLimit": {"limit": 1, "periodSeconds": 0.5}}, "/rateLimit/periodSeconds"),
        ({"paused": True}, "/paused"),
        ({}, ""),
    ],
)
async def test_limits_that_make_no_sense_are_refused(
    caller: Caller, body: Json, field: str
) -> None:
    assert fields(await caller.http.patch(f"{HERE}/emails", json=body)) == [field]


@pytest.mark.parametrize(
    "name", ["_own", "A", "-a", "a%20b", "a%00", "%C3%A4", "a" * 65, "a" * 9000]
)
async def test_a_name_that_no_queue_can_have_is_refused(caller: Caller, name: str) -> None:
    assert fields(await caller.http.get(f"{HERE}/{name}")) == ["/queue"]
    patched = await caller.http.patch(f"{HERE}/{name}", json={"concurrency": 1})
    assert fields(patched) == ["/queue"]


async def test_a_key_frees_its_place_when_its_job_is_cancelled(caller: Caller) -> None:
    shared = {"concurrency": {"key": "k", "limit": 1}}
    first, second = [await caller.create(**shared) for _ in range(2)]
    await limits.admit(caller.ctx.app)
    [lease] = await caller.claim(slots=5)
    assert lease.run_id == first
    await caller.call("POST", f"/orchestrator/jobs/{first}/cancel")
    await limits.admit(caller.ctx.app)
    assert [lease.run_id for lease in await caller.claim(slots=5)] == [second]


async def test_a_retried_job_waits_for_a_place_of_its_key(caller: Caller) -> None:
    shared = {"concurrency": {"key": "k", "limit": 1}}
    job = await caller.create(**shared)
    await limits.admit(caller.ctx.app)
    assert await caller.finish(await caller.begin())
    other = await caller.create(**shared)
    await caller.call("POST", f"/orchestrator/jobs/{job}/retry")
    await limits.admit(caller.ctx.app)
    assert [lease.run_id for lease in await caller.claim(slots=5)] == [job]
    await limits.admit(caller.ctx.app)
    assert (await caller.get(other))["status"] == "queued"
