"""Reading jobs: lists by cursors, results, events and logs; and that a read changes nothing."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from services.results import INLINE_BYTES
from tests.services.jobs.conftest import KIND, Caller, Json, fields

JOBS = "/orchestrator/jobs"
LARGE = {"text": "å" * INLINE_BYTES, "n": 1.5, "none": None}
LOG = """
    INSERT INTO job_log (tenant_id, run_id, seq, attempt, level, message, at)
    VALUES (%s, %s, %s, 1, %s, %s, now())
"""


async def pages(caller: Caller, limit: int = 2, **filters: Any) -> list[list[str]]:
    """The ids of all jobs that fit, page by page."""
    found: list[list[str]] = []
    cursor: Json = {}
    while True:
        answer = await caller.http.get(JOBS, params=filters | cursor | {"limit": limit})
        assert answer.status_code == 200, answer.text
        found.append([job["id"] for job in answer.json()["data"]])
        pagination = answer.json()["pagination"]
        assert pagination["hasMore"] == (pagination["nextCursor"] is not None)
        if not pagination["hasMore"]:
            return found
        cursor = {"cursor": pagination["nextCursor"]}


async def test_jobs_are_listed_newest_first_page_by_page(caller: Caller) -> None:
    made = [await caller.create() for _ in range(5)]
    assert await pages(caller) == [made[:2:-1], made[2:0:-1], made[:1]]


async def test_a_page_that_is_just_full_has_nothing_behind_it(caller: Caller) -> None:
    made = [await caller.create() for _ in range(4)]
    assert await pages(caller) == [made[:1:-1], made[1::-1]]


async def test_jobs_that_come_meanwhile_move_nothing(caller: Caller) -> None:
    made = [await caller.create() for _ in range(4)]
    first = await caller.http.get(JOBS, params={"limit": 2})
    await caller.create()
    cursor = first.json()["pagination"]["nextCursor"]
    second = await caller.http.get(JOBS, params={"limit": 2, "cursor": cursor})
    assert [job["id"] for job in second.json()["data"]] == made[1::-1]


async def test_an_empty_list_has_one_empty_page(caller: Caller, stranger: Caller) -> None:
    await stranger.create()
    assert await pages(caller) == [[]]


FILTERS: list[Json] = [
    {"status": "queued"},
    {"queue": "images"},
    {"kind": "command"},
    {"tag": "a"},
    {"createdAfter": "2020-01-01T00:00:00Z", "tag": "a"},
    {"createdBefore": "9999-12-31T23:59:59-23:00", "tag": "a"},
]


async def test_a_filter_finds_what_fits(caller: Caller) -> None:
    done = await caller.succeed()
    fitting = await caller.create(
        kind="command", input={"command": ["true"]}, queue="images", tags=["a", "b"]
    )
    for filters in FILTERS:
        assert await pages(caller, **filters) == [[fitting]], filters
    assert await pages(caller, status="succeeded") == [[done]]
    assert await pages(caller, createdAfter="2100-01-01T00:00:00Z") == [[]]
    assert await pages(caller, createdBefore="0001-01-02T00:00:00Z") == [[]]


async def test_a_search_goes_on_behind_what_it_has_looked_at(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.SPAN", 3)
    oldest = await caller.create(tags=["rare"])
    for _ in range(8):
        await caller.create()
    found = await pages(caller, tag="rare")
    assert found[-1] == [oldest]
    assert found[:-1] == [[]] * (len(found) - 1) and len(found) > 1


def tampered(cursor: str) -> dict[str, str]:
    """A cursor in forms that nobody was given."""
    position, _, signature = cursor.partition(".")
    other = base64.urlsafe_b64encode(b"job_~").rstrip(b"=").decode()
    return {
        "cut": cursor[:-3],
        "position alone": position,
        "other position": f"{other}.{signature}",
        "other signature": f"{position}.{'A' * len(signature)}",
        "no signature": f"{position}.",
        "twice": f"{cursor}.{signature}",
        "another spelling": f"{cursor[:-1]}{'B' if cursor[-1] != 'B' else 'C'}",
        "an id": "job_01kb0rd2y5hqv7w9sk3p6n8r4t",
        "a number": "20",
    }


async def test_a_forged_cursor_is_refused(caller: Caller) -> None:
    for _ in range(3):
        await caller.create()
    answer = await caller.http.get(JOBS, params={"limit": 1})
    cursor = answer.json()["pagination"]["nextCursor"]
    for case, forged in tampered(cursor).items():
        answer = await caller.http.get(JOBS, params={"cursor": forged})
        assert fields(answer) == ["/cursor"], case


async def test_a_cursor_of_another_tenant_or_of_other_filters_is_refused(
    caller: Caller, stranger: Caller
) -> None:
    for one in (caller, caller, stranger, stranger):
        await one.create()
    answer = await stranger.http.get(JOBS, params={"limit": 1})
    foreign = answer.json()["pagination"]["nextCursor"]
    assert fields(await caller.http.get(JOBS, params={"cursor": foreign})) == ["/cursor"]
    answer = await caller.http.get(JOBS, params={"limit": 1, "queue": "default"})
    other = answer.json()["pagination"]["nextCursor"]
    assert fields(await caller.http.get(JOBS, params={"cursor": other})) == ["/cursor"]


RESULTS = [
    None,
    False,
    0,
    "",
    [],
    {},
    {"n": 1},
    "a" * (INLINE_BYTES - 2),
    LARGE,
    "a" * INLINE_BYTES,
]


async def test_a_result_of_any_size_comes_back_whole(caller: Caller) -> None:
    for result in RESULTS:
        job_id = await caller.succeed(result)
        answer = await caller.http.get(f"{JOBS}/{job_id}/result")
        assert (answer.status_code, answer.json()) == (200, result)
        assert answer.headers["content-type"] == "application/json"


async def test_a_job_shows_its_result_if_that_is_small_and_its_size(caller: Caller) -> None:
    small, large, none = [
        await caller.get(await caller.succeed(r)) for r in ({"n": 1}, LARGE, None)
    ]
    assert (small["result"], small["resultSize"]) == ({"n": 1}, 8)
    assert (large["result"], large["resultSize"]) == (None, len(msgspec.json.encode(LARGE)))
    assert (none["result"], none["resultSize"]) == (None, None)


async def test_a_large_result_is_not_in_the_row(caller: Caller) -> None:
    job_id = await caller.succeed(LARGE)
    [row] = caller.rows("SELECT output, pg_column_size(run.*) < 2000 FROM run")
    assert row == (None, True)
    [(name,)] = caller.rows("SELECT output_blob FROM run")
    path = caller.ctx.settings.data_dir / "blobs" / name
    assert msgspec.json.decode(path.read_bytes()) == LARGE
    path.unlink()
    answer = await caller.http.get(f"{JOBS}/{job_id}/result")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert str(caller.ctx.settings.data_dir) not in answer.text


async def test_what_a_worker_stored_after_its_lease_was_lost_is_nobodys_result(
    caller: Caller,
) -> None:
    job_id = await caller.create()
    stale = await caller.begin()
    await caller.call("POST", f"{JOBS}/{job_id}/cancel")
    await caller.call("POST", f"{JOBS}/{job_id}/retry")
    fresh = await caller.begin()
    assert await caller.finish(fresh, LARGE | {"n": 2})
    assert not await caller.finish(stale, LARGE | {"n": 3})
    answer = await caller.http.get(f"{JOBS}/{job_id}/result")
    assert answer.json()["n"] == 2


async def test_before_a_job_has_succeeded_it_has_no_result(caller: Caller) -> None:
    job_id = await caller.create()
    answer = await caller.http.get(f"{JOBS}/{job_id}/result")
    assert (answer.status_code, answer.json()["error"]["details"]["currentState"]) == (
        409,
        "queued",
    )


async def test_events_can_be_filtered_and_followed(caller: Caller) -> None:
    job_id = await caller.succeed()
    listed = await caller.events(job_id)
    assert listed == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]
    path = f"{JOBS}/{job_id}/events"
    [second] = await caller.call("GET", path, params={"type": "TASK_STARTED"})
    [last] = await caller.call("GET", path, params={"afterSeq": second["seq"]})
    assert (second["payload"]["attempt"], last["payload"]) == (1, {"status": "succeeded"})


async def test_the_event_of_a_failure_says_when_the_next_attempt_may_begin(caller: Caller) -> None:
    job_id = await caller.create(retry={"baseSeconds": 60, "jitter": False})
    wanted = {"queues": ["default"], "kinds": [KIND]}
    [job] = (await caller.call("POST", "/worker/claim", json=wanted))["jobs"]
    told = {"error": {"code": "BAD", "message": "No."}, "leaseToken": job["leaseToken"]}
    await caller.call("POST", f"/worker/jobs/{job_id}/fail", json=told)
    query = {"type": "TASK_RETRIED"}
    [retried] = await caller.call("GET", f"{JOBS}/{job_id}/events", params=query)
    next_attempt = datetime.fromisoformat(retried["payload"]["nextAttemptAt"])
    assert next_attempt.isoformat() == (await caller.get(job_id))["nextAttemptAt"].replace(
        "Z", "+00:00"
    )
    assert 59 < (next_attempt - datetime.now(UTC)).total_seconds() < 61


async def stream(caller: Caller, job_id: str, last: str = "") -> httpx.Response:
    """All of a stream of events."""
    headers = {"Last-Event-ID": last} if last else {}
    async with asyncio.timeout(10):
        return await caller.http.get(f"{JOBS}/{job_id}/events/stream", headers=headers)


async def test_a_stream_ends_with_its_job(caller: Caller) -> None:
    job_id = await caller.create()
    following = asyncio.create_task(stream(caller, job_id))
    await asyncio.sleep(0.1)
    assert await caller.finish(await caller.begin())
    answer = await following
    ids = [line for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ids == ["id: 1", "id: 2", "id: 3"]
    assert (await stream(caller, job_id, "3")).status_code == 204
    assert (await stream(caller, job_id, "2")).text.count("event: RUN_COMPLETED") == 1
    assert fields(await stream(caller, job_id, "9")) == ["/Last-Event-ID"]


async def test_log_lines_are_read_in_order_and_by_level(caller: Caller) -> None:
    job_id = await caller.create()
    for seq, level in enumerate(("info", "error", "debug", "error"), start=1):
        values = (caller.ctx.actor.tenant_id, job_id, seq, level, f"line {seq}")
        caller.owner.execute(LOG.encode(), values)
    path = f"{JOBS}/{job_id}/logs"
    everything = await caller.call("GET", path)
    assert [line["message"] for line in everything] == [f"line {seq}" for seq in (1, 2, 3, 4)]
    some = await caller.call("GET", path, params={"afterSeq": 2, "level": "error", "limit": 1})
    assert [(line["seq"], line["level"]) for line in some] == [(4, "error")]


PATHS = ["", "/result", "/events", "/events/stream", "/logs"]


async def test_no_read_changes_anything(caller: Caller) -> None:
    queued, done = await caller.create(runAt="2020-01-01T00:00:00Z"), await caller.create()
    await caller.begin()
    await caller.call("POST", f"{JOBS}/{done}/cancel")
    before = caller.digest()
    for job_id in (queued, done):
        for path in PATHS if job_id == done else [p for p in PATHS if "stream" not in p]:
            await caller.http.get(f"{JOBS}/{job_id}{path}")
    await pages(caller, status="queued")
    assert caller.digest() == before


async def test_what_belongs_to_another_tenant_is_not_there(
    caller: Caller, stranger: Caller
) -> None:
    theirs = await stranger.succeed(LARGE)
    for path in PATHS:
        assert (await caller.http.get(f"{JOBS}/{theirs}{path}")).status_code == 404
        assert (await stranger.http.get(f"{JOBS}/{theirs}{path}")).status_code == 200


async def test_a_run_that_is_no_job_is_not_one(caller: Caller) -> None:
    answer = await caller.http.get(f"{JOBS}/run_01kb0r6sc2e6ha4z8m3x7jv9wd")
    assert fields(answer) == ["/jobId"]
    assert KIND in (await caller.get(await caller.create()))["kind"]
