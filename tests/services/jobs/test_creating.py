"""Creating jobs: what is taken, what is refused, and what a second request with a key gets."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.jobs.conftest import KIND, Caller, Json, fields

JOBS = "/orchestrator/jobs"


def ahead(**span: float) -> str:
    """A time from now."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


async def test_a_job_is_where_location_says(caller: Caller) -> None:
    answer = await caller.http.post(JOBS, json={"kind": KIND})
    there = await caller.http.get(answer.headers["location"].removeprefix("/v1"))
    assert answer.status_code == 201
    assert there.json()["data"]["id"] == answer.json()["data"]["id"]


async def test_a_job_shows_all_that_it_was_asked_for(caller: Caller) -> None:
    asked: Json = {
        "input": {"width": 200, "deep": [{"any": None}]},
        "queue": "images",
        "priority": 9,
        "dedupeKey": "one",
        "concurrency": {"key": "customer", "limit": 2},
        "timeoutSeconds": 10,
        "queueTimeoutSeconds": 20,
        "replay": "never",
        "tags": ["a", "b"],
        "metadata": {"orderId": "4711"},
        "maxCostMsat": 5,
    }
    retry = {"maxAttempts": 7, "backoff": "linear", "nonRetryable": ["BAD"]}
    job = await caller.get(await caller.create(**asked, retry=retry))
    assert {name: job[name] for name in asked} == asked
    assert job["retry"] == retry | {"baseSeconds": 1, "capSeconds": 600, "jitter": True}
    assert (job["status"], job["attempt"], job["result"], job["workerId"]) == (
        "queued",
        0,
        None,
        None,
    )


async def test_a_job_that_says_nothing_has_the_defaults_of_the_contract(caller: Caller) -> None:
    job = await caller.get(await caller.create())
    assert (job["queue"], job["priority"], job["replay"], job["input"]) == (
        "default",
        0,
        "safe",
        {},
    )
    assert (job["retry"]["maxAttempts"], job["retry"]["backoff"]) == (3, "exponential")


async def test_creating_is_an_event_that_tells_from_which_request(caller: Caller) -> None:
    made = await caller.http.post(
        JOBS, json={"kind": KIND}, headers={"X-Request-Id": "asked-by-me"}
    )
    job_id = made.json()["data"]["id"]
    [event] = await caller.call("GET", f"{JOBS}/{job_id}/events")
    assert (event["eventType"], event["runId"]) == ("RUN_CREATED", job_id)
    assert event["requestId"] == (await caller.get(job_id))["requestId"] == "asked-by-me"


async def test_a_time_in_the_past_means_now(caller: Caller) -> None:
    for moment in ("1970-01-01T00:00:00Z", "0001-01-01T23:00:00Z", ahead(days=-1)):
        job = await caller.get(await caller.create(runAt=moment))
        assert (job["runAt"], job["nextAttemptAt"]) == (None, None)
    assert len(await caller.claim(slots=9)) == 3


@pytest.mark.parametrize("option", ["runAt", "delaySeconds"])
async def test_a_job_whose_time_is_ahead_waits_for_it(caller: Caller, option: str) -> None:
    value = ahead(hours=1) if option == "runAt" else 3600
    job = await caller.get(await caller.create(**{option: value}))
    assert job["nextAttemptAt"] == job["runAt"]
    assert abs(datetime.fromisoformat(job["runAt"]) - datetime.now(UTC) - timedelta(hours=1)) < (
        timedelta(minutes=1)
    )
    assert await caller.claim() == []


WRONG: dict[str, tuple[Json, str]] = {
    "no kind": ({"kind": None}, "/kind"),
    "unknown kind": ({"kind": "nobody.knows"}, "/kind"),
    "a kind of ours": ({"kind": "build.code"}, "/kind"),
    "kind in capitals": ({"kind": "HTTP"}, "/kind"),
    "kind of 10 kB": ({"kind": "a" * 10_240}, "/kind"),
    "input of another type": ({"input": {"width": "wide"}}, "/input/width"),
    "input that is no object": ({"input": []}, "/input"),
    "NUL in the input": ({"input": {"a": "\x00"}}, "/input/a"),
    "number beyond 64 bits": ({"input": {"a": 2**64}}, "/input/a"),
    "input of a built-in kind": ({"kind": "http", "input": {}}, "/input/url"),
    "URL inside": ({"kind": "http", "input": {"url": "http://127.0.0.1/"}}, "/input/url"),
    "queue of 10 kB": ({"queue": "q" * 10_240}, "/queue"),
    "queue with a slash": ({"queue": "../a"}, "/queue"),
    "priority 2^31": ({"priority": 2**31}, "/priority"),
    "priority -1": ({"priority": -1}, "/priority"),
    "runAt in the year 9999": ({"runAt": "9999-12-31T23:59:59Z"}, "/runAt"),
    "runAt beyond UTC": ({"runAt": "9999-12-31T23:59:59-23:00"}, "/runAt"),
    "runAt in the year 0": ({"runAt": "0000-01-01T00:00:00Z"}, "/runAt"),
    "runAt in a 61st second": ({"runAt": "2016-12-31T23:59:60Z"}, "/runAt"),
    "runAt without a zone": ({"runAt": "2030-01-01T00:00:00"}, "/runAt"),
    "runAt as a number": ({"runAt": -1}, "/runAt"),
    "runAt eleven years ahead": ({"runAt": ahead(days=4018)}, "/runAt"),
    "delay of -1 s": ({"delaySeconds": -1}, "/delaySeconds"),
    "delay beside runAt": ({"delaySeconds": 1, "runAt": ahead(hours=1)}, "/delaySeconds"),
    "deadline in the past": ({"deadline": ahead(hours=-1)}, "/deadline"),
    "deadline before runAt": ({"deadline": ahead(hours=1), "runAt": ahead(hours=2)}, "/deadline"),
    "deadline in a lifetime": ({"deadline": ahead(days=30_000)}, "/deadline"),
    "no attempt": ({"retry": {"maxAttempts": 0}}, "/retry/maxAttempts"),
    "101 attempts": ({"retry": {"maxAttempts": 101}}, "/retry/maxAttempts"),
    "backoff of its own": ({"retry": {"backoff": "often"}}, "/retry/backoff"),
    "pause of NaN": ({"retry": {"baseSeconds": "NaN"}}, "/retry/baseSeconds"),
    "code in small letters": ({"retry": {"nonRetryable": ["bad"]}}, "/retry/nonRetryable/0"),
    "limit 0": ({"concurrency": {"key": "a", "limit": 0}}, "/concurrency/limit"),
    "limit without a key": ({"concurrency": {"limit": 1}}, "/concurrency/key"),
    "21 tags": ({"tags": [f"t{n}" for n in range(21)]}, "/tags"),
    "tag with a space": ({"tags": ["a b"]}, "/tags/0"),
    "51 notes": ({"metadata": {f"n{n}": "" for n in range(51)}}, "/metadata"),
    "note that is no text": ({"metadata": {"a": 1}}, "/metadata/a"),
    "note with a long name": ({"metadata": {"a" * 101: ""}}, "/metadata"),
    "note of a schedule": ({"metadata": {"scheduleId": "x"}}, "/metadata/scheduleId"),
    "note of its time": ({"metadata": {"scheduledFor": "x"}}, "/metadata/scheduledFor"),
    "empty dedupe key": ({"dedupeKey": ""}, "/dedupeKey"),
    "budget 0": ({"maxCostMsat": 0}, "/maxCostMsat"),
    "a status": ({"status": "succeeded"}, "/status"),
    "a tenant": ({"tenantId": "ten_a"}, "/tenantId"),
}


async def test_what_is_wrong_is_named_and_nothing_is_created(caller: Caller) -> None:
    for case, (change, field) in WRONG.items():
        answer = await caller.http.post(JOBS, json={"kind": KIND} | change)
        assert fields(answer) == [field], case
    assert caller.rows("SELECT count(*) FROM run") == [(0,)]


async def test_a_body_may_have_a_mebibyte(caller: Caller) -> None:
    for size, status in ((1024 * 1024, 201), (1024 * 1024 + 1, 413)):
        frame = b'{"kind": "%s", "input": {"a": ""}}' % KIND.encode()
        content = frame.replace(b'""', b'"%s"' % (b"a" * (size - len(frame))))
        headers = {"Content-Type": "application/json"}
        answer = await caller.http.post(JOBS, content=content, headers=headers)
        assert answer.status_code == status, answer.text[:200]


async def test_while_a_job_lives_its_key_gives_that_job(caller: Caller) -> None:
    first = await caller.http.post(JOBS, json={"kind": KIND, "dedupeKey": "one"})
    again = await caller.http.post(JOBS, json={"kind": KIND, "dedupeKey": "one", "priority": 3})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"] == first.json()["data"] | {"deduplicated": True}
    assert "location" not in again.headers


async def test_a_key_is_free_again_after_the_end(caller: Caller) -> None:
    first = await caller.succeed(dedupeKey="one")
    second = await caller.create(dedupeKey="one")
    await caller.call("POST", f"{JOBS}/{second}/cancel")
    third = await caller.create(dedupeKey="one")
    assert len({first, second, third}) == 3


async def test_a_key_holds_in_its_queue_and_its_tenant(caller: Caller, stranger: Caller) -> None:
    made = [
        await caller.create(dedupeKey="one"),
        await caller.create(dedupeKey="one", queue="other"),
        await stranger.create(dedupeKey="one"),
    ]
    assert len(set(made)) == 3


async def test_of_thirty_at_once_with_one_key_one_is_created(caller: Caller) -> None:
    asked = [caller.http.post(JOBS, json={"kind": KIND, "dedupeKey": "one"}) for _ in range(30)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers)[-2:] == [200, 201]
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1


async def test_headers_of_an_http_job_are_shown_without_their_secrets(caller: Caller) -> None:
    given = {"url": "https://example.com/", "headers": {"Authorization": "Bearer s3cret"}}
    made = await caller.http.post(JOBS, json={"kind": "http", "input": given})
    shown = await caller.http.get(f"{JOBS}/{made.json()['data']['id']}")
    assert "s3cret" not in shown.text
    assert shown.json()["data"]["input"]["headers"].keys() == {"Authorization"}


async def bulk(caller: Caller, *jobs: Json) -> Any:
    """What became of jobs that were created together."""
    return await caller.call("POST", f"{JOBS}/bulk", json={"jobs": list(jobs)})


async def test_a_thousand_jobs_are_created_in_one_transaction(caller: Caller) -> None:
    made = await bulk(caller, *({"kind": KIND, "input": {"n": n}} for n in range(1000)))
    assert (made["created"], made["refused"]) == (1000, 0)
    assert [item["index"] for item in made["items"]] == list(range(1000))
    assert len({item["job"]["id"] for item in made["items"]}) == 1000
    assert caller.rows("SELECT count(DISTINCT xmin::text), count(*) FROM ready") == [(1, 1000)]


async def test_of_many_jobs_the_wrong_ones_are_told_by_their_place(caller: Caller) -> None:
    wrong = {"kind": KIND, "input": {"width": "wide"}}
    keyed = {"kind": KIND, "dedupeKey": "one"}
    made = await bulk(caller, keyed, wrong, keyed, {"kind": "nobody.knows"}, {"kind": KIND})
    assert (made["created"], made["deduplicated"], made["refused"]) == (2, 1, 2)
    errors = {item["index"]: item["error"] for item in made["items"] if item["error"]}
    assert [errors[index]["details"][0]["field"] for index in (1, 3)] == ["/input/width", "/kind"]
    assert made["items"][0]["job"]["id"] == made["items"][2]["job"]["id"]


async def test_where_all_are_wrong_nothing_is_created(caller: Caller) -> None:
    made = await bulk(caller, {"kind": "nobody.knows"})
    assert (made["created"], made["refused"]) == (0, 1)


async def test_a_url_that_will_never_be_called_is_named_by_all_that_create_jobs(
    caller: Caller,
) -> None:
    job = {"kind": "http", "input": {"url": "http://10.1.2.3/"}}
    told = await caller.call("POST", f"{JOBS}/bulk", json={"jobs": [{"kind": KIND}, job]})
    assert told["items"][1]["error"]["details"][0]["field"] == "/input/url"
    new = {"name": "Inside", "cron": "0 * * * *", "job": job}
    answer = await caller.http.post("/orchestrator/schedules", json=new)
    assert fields(answer) == ["/job/input/url"]
    answer = await caller.http.post("/orchestrator/graphs", json={"tasks": [{"slug": "a", **job}]})
    assert fields(answer) == ["/tasks/0/input/url"]


@pytest.mark.parametrize(
    ("given", "name"),
    [({"runAt": ahead(hours=2)}, "runAt"), ({"delaySeconds": 7200}, "delaySeconds")],
)
async def test_a_deadline_too_early_is_told_by_what_was_given(
    caller: Caller, given: Json, name: str
) -> None:
    job = {"kind": KIND, "deadline": ahead(hours=1), **given}
    answer = await caller.http.post(JOBS, json=job)
    assert fields(answer) == ["/deadline"]
    assert f"`{name}`" in answer.json()["error"]["message"]


MANY_WRONG: list[tuple[Any, str]] = [
    ([], "/jobs"),
    ([{"kind": KIND}] * 1001, "/jobs"),
    ([{"kind": KIND}, {"kind": KIND, "priority": 10}], "/jobs/1/priority"),
    ([{"kind": KIND}, {"kind": KIND, "runAt": "0000-01-01T00:00:00Z"}], "/jobs/1/runAt"),
    ({"kind": KIND}, "/jobs"),
]


async def test_a_body_of_many_that_breaks_the_contract_creates_none(caller: Caller) -> None:
    for jobs, field in MANY_WRONG:
        answer = await caller.http.post(f"{JOBS}/bulk", json={"jobs": jobs})
        assert fields(answer) == [field]
    assert caller.rows("SELECT count(*) FROM run") == [(0,)]
