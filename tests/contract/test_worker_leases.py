"""Leases of users' own workers: who holds one may write, nobody else, and nothing is lost."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from services import worker
from services.context import App, Context
from services.engine import claim
from services.engine.enqueue import NewRun, enqueue
from services.engine.lanes import Heads
from tests.conftest import Live
from tests.contract import raw, seed
from tests.contract.seed import Tenant
from tests.contract.workers import Hand, code, hand, restricted

Json = dict[str, Any]
LOST = (409, "LEASE_LOST")


@pytest.fixture(scope="module")
def tenant(live: Live) -> Tenant:
    """A tenant of this module's own."""
    return seed.new_tenant(live, "leases")


@pytest.fixture
def mine(tenant: Tenant) -> Hand:
    """A worker."""
    return hand(tenant.http)


def test_a_claimed_job_has_all_that_its_worker_needs(mine: Hand) -> None:
    job = mine.one(input={"a": 1}, tags=["t"], metadata={"m": "1"}, timeoutSeconds=60)
    assert job["input"] == {"a": 1}
    assert (job["kind"], job["queue"], job["tags"]) == (mine.kind, mine.queue, ["t"])
    assert (job["attempt"], job["maxAttempts"], job["timeoutSeconds"]) == (1, 3, 60)
    assert job["metadata"] == {"m": "1"}
    assert job["idempotencyToken"].startswith("task_")
    assert mine.get(job["jobId"])["status"] == "running"


def test_a_poll_is_answered_as_soon_as_there_is_a_job(mine: Hand) -> None:
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(mine.claim, waitSeconds=20)
        time.sleep(0.3)
        began = time.monotonic()
        job_id = mine.create()
        assert [job["jobId"] for job in poll.result()] == [job_id]
        assert time.monotonic() - began < 0.9  # a hint, not the poll floor


def test_the_most_urgent_of_a_claim_comes_first(mine: Hand) -> None:
    ids = [mine.create(priority=priority) for priority in (0, 9, 5, 9, 0)]
    claimed = [job["jobId"] for job in mine.claim(limit=10)]
    assert claimed == [ids[place] for place in (1, 3, 2, 0, 4)]


def test_a_poll_without_jobs_is_empty_when_its_patience_ends(mine: Hand) -> None:
    began = time.monotonic()
    assert mine.claim(waitSeconds=1) == []
    assert 1 <= time.monotonic() - began < 3


def test_a_job_of_another_queue_or_kind_is_left_alone(mine: Hand) -> None:
    mine.create()
    assert mine.claim(queues=["other"]) == []
    assert mine.claim(kinds=["other"]) == []
    assert len(mine.claim()) == 1


@pytest.mark.parametrize("behind", [b"", b"GET /v1/ready HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_a_client_that_goes_away_takes_no_job_along(live: Live, behind: bytes) -> None:
    mine = hand(seed.client(live, live.key))
    body = f'{{"kinds":["{mine.kind}"],"queues":["{mine.queue}"],"waitSeconds":20}}'.encode()
    given = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    with raw.opened(live) as client:
        client.settimeout(0.5)
        head = raw.head(live, "POST", b"/worker/claim", *given)
        client.sendall(head.replace(b"Connection: close\r\n", b"") + body + behind)
        with pytest.raises(TimeoutError):
            client.recv(1)  # it waits
    time.sleep(0.1)
    job_id = mine.create()
    time.sleep(0.3)
    assert mine.get(job_id)["status"] == "queued"
    [job] = mine.claim()
    assert job["attempt"] == 1


def test_what_an_answer_that_was_lost_has_given_is_free_again_at_once(mine: Hand) -> None:
    known, lost = mine.create(), mine.create()
    answer = mine.ask(limit=10).json()["data"]
    assert {job["jobId"] for job in answer["jobs"]} == {known, lost}
    [again] = mine.claim(workerId=answer["workerId"], holds=[known], limit=10)
    assert (again["jobId"], again["attempt"], again["leaseToken"]) == (lost, 1, 2)


async def test_what_was_begun_for_whoever_has_gone_is_given_back(app: App, ctx: Context) -> None:
    left = asyncio.Event()
    left.set()
    run = NewRun(id=ctx.new_id("job"), kind="job", name="test.gone", input={}, options={})
    async with ctx.transaction() as tx:
        await enqueue(tx, [run])
    async with ctx.transaction() as tx:
        leases = await claim.claim(
            tx, Heads(), worker_id="w", kinds=["job.test.gone"], slots=1, lease_seconds=30
        )
    assert await worker.begun(replace(ctx, left=left), leases) == []
    async with ctx.transaction() as tx:
        [again] = await claim.claim(
            tx, Heads(), worker_id="w", kinds=["job.test.gone"], slots=1, lease_seconds=30
        )
    assert again.attempt == 1


ENDS: dict[str, Callable[[Hand, Json], object]] = {
    "completed": lambda mine, job: mine.say(job, "complete", result=1).raise_for_status(),
    "failed": lambda mine, job: mine.fail(job, retryable=False).raise_for_status(),
    "to_be_tried_again": lambda mine, job: mine.fail(job, retryAfterSeconds=60).raise_for_status(),
    "released": lambda mine, job: mine.say(job, "release").raise_for_status(),
    "cancelled": lambda mine, job: mine.http.post(
        f"/orchestrator/jobs/{job['jobId']}/cancel"
    ).raise_for_status(),
    "claimed_by_another": lambda mine, job: (mine.say(job, "release"), mine.claim(waitSeconds=5)),
    "of_a_token_that_was_never_given": lambda mine, job: job.update(leaseToken=999),
}
SAID: dict[str, Json] = {
    "complete": {"result": 2},
    "fail": {"error": {"code": "LATE", "message": "Too late."}},
    "progress": {"percent": 99},
    "logs": {"lines": [{"message": "Too late."}]},
    "release": {},
}


@pytest.mark.parametrize("end", ENDS)
def test_whoever_has_lost_a_lease_writes_nothing(mine: Hand, end: str) -> None:
    job = mine.one()
    ENDS[end](mine, job)
    before = (mine.get(job["jobId"]), mine.events(job["jobId"]), mine.lines(job["jobId"]))
    for what, body in SAID.items():
        assert code(mine.say(job, what, **body)) == LOST, what
    assert batch(mine, job) == ["stale"]
    assert (mine.get(job["jobId"]), mine.events(job["jobId"]), mine.lines(job["jobId"])) == before


def batch(mine: Hand, *jobs: Json) -> list[str]:
    """What becomes of the completion of jobs in one request."""
    completions = [{"jobId": j["jobId"], "leaseToken": j["leaseToken"], "result": 2} for j in jobs]
    answer = mine.http.post("/worker/complete", json={"completions": completions})
    return [item["outcome"] for item in answer.json()["data"]["items"]]


def test_a_lease_that_is_lost_keeps_no_other_from_being_recorded(mine: Hand) -> None:
    jobs = [mine.one() for _ in range(4)]
    mine.say(jobs[1], "complete")
    outcomes = batch(mine, *jobs, jobs[0], {"jobId": seed_id(), "leaseToken": 1})
    assert outcomes == ["done", "stale", "done", "done", "stale", "stale"]
    assert [mine.get(job["jobId"])["result"] for job in jobs] == [2, None, 2, 2]
    assert mine.events(jobs[0]["jobId"]) == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]


def seed_id() -> str:
    """The id of a job that nobody has."""
    return "job_01kb0rd2y5hqv7w9sk3p6n8r4t"


def beat(mine: Hand, *jobs: Json) -> list[Json]:
    """How leases stand."""
    leases = [{"jobId": j["jobId"], "leaseToken": j["leaseToken"]} for j in jobs]
    body = {"workerId": "wrk_01kb0rg5t7kvy1a3wn6s9r2x8z", "leases": leases, "leaseSeconds": 60}
    found: list[Json] = mine.http.post("/worker/heartbeat", json=body).json()["data"]["leases"]
    return found


def test_a_heartbeat_says_how_each_lease_stands(mine: Hand) -> None:
    held, done, cancelled = (mine.one() for _ in range(3))
    mine.say(done, "complete")
    mine.http.post(f"/orchestrator/jobs/{cancelled['jobId']}/cancel")
    unknown = {"jobId": seed_id(), "leaseToken": 1}
    found = beat(mine, cancelled, held, done, unknown)
    assert [lease["state"] for lease in found] == ["cancelled", "held", "lost", "lost"]
    assert [lease["leaseUntil"] is None for lease in found] == [True, False, True, True]
    assert found[1]["leaseUntil"] > held["leaseUntil"]


def test_a_lease_without_heartbeats_goes_to_another_worker(mine: Hand) -> None:
    mine.create()
    [first] = mine.claim(leaseSeconds=5)
    [second] = mine.claim(waitSeconds=10)
    assert (second["jobId"], second["attempt"]) == (first["jobId"], 2)
    assert second["idempotencyToken"] == first["idempotencyToken"]
    assert code(mine.say(first, "complete")) == LOST


def test_a_failure_is_followed_by_another_attempt_as_the_job_says(mine: Hand) -> None:
    job = mine.one(retry={"maxAttempts": 2, "baseSeconds": 0})
    assert mine.fail(job).json()["data"]["status"] == "queued"
    assert mine.get(job["jobId"])["error"]["code"] == "BROKEN"
    [again] = mine.claim(waitSeconds=5)
    assert again["attempt"] == 2
    assert mine.fail(again).json()["data"]["status"] == "failed"


def test_a_worker_can_say_when_to_try_again(mine: Hand) -> None:
    job = mine.one(retry={"baseSeconds": 0})
    mine.fail(job, retryAfterSeconds=1.5)
    began = time.monotonic()
    assert len(mine.claim(waitSeconds=10)) == 1
    assert time.monotonic() - began > 1


@pytest.mark.parametrize("why", ["code", "worker"])
def test_a_failure_that_is_final_is_followed_by_nothing(mine: Hand, why: str) -> None:
    job = mine.one(retry={"nonRetryable": ["BROKEN"] if why == "code" else []})
    answer = mine.fail(job, retryable=why == "code")
    assert answer.json()["data"]["status"] == "failed"


def test_a_job_that_is_released_has_lost_no_attempt(mine: Hand) -> None:
    job = mine.one()
    assert mine.say(job, "release").json()["data"]["status"] == "queued"
    assert mine.get(job["jobId"])["status"] == "queued"
    [again] = mine.claim()
    assert (again["attempt"], again["leaseToken"]) == (1, job["leaseToken"] + 1)
    assert "JOB_RELEASED" in mine.events(job["jobId"])


def test_a_job_can_be_released_for_later(mine: Hand) -> None:
    mine.say(mine.one(), "release", delaySeconds=1)
    assert mine.claim() == []
    assert len(mine.claim(waitSeconds=5)) == 1


def test_progress_is_shown_and_told(mine: Hand) -> None:
    job = mine.one()
    mine.say(job, "progress", percent=10)
    mine.say(job, "progress", percent=40, message="Resizing")
    assert mine.get(job["jobId"])["progress"] == {"percent": 40, "message": "Resizing"}
    assert mine.events(job["jobId"]).count("JOB_PROGRESSED") == 2


def test_an_attempt_writes_so_many_lines_and_then_one_that_says_so(mine: Hand) -> None:
    job = mine.one(retry={"baseSeconds": 0})
    thousand = [{"message": f"Line {n}", "level": "debug"} for n in range(1000)]
    stored = [mine.say(job, "logs", lines=thousand).json()["data"]["stored"] for _ in range(12)]
    assert stored == [1000] * 10 + [0, 0]
    [last] = mine.lines(job["jobId"], afterSeq=10_000)
    assert (last["level"], "left out" in last["message"]) == ("warning", True)
    mine.fail(job)
    [again] = mine.claim(waitSeconds=5)
    mine.say(again, "logs", lines=[{"message": "Anew", "at": "2026-01-15T11:30:02Z"}])
    [line] = mine.lines(job["jobId"], afterSeq=last["seq"])
    assert (line["attempt"], line["message"], line["at"]) == (2, "Anew", "2026-01-15T11:30:02Z")


def test_a_job_that_costs_more_than_it_may_has_failed(mine: Hand) -> None:
    job = mine.one(maxCostMsat=100, retry={"baseSeconds": 0})
    assert mine.fail(job, costMsat=60).json()["data"]["status"] == "queued"
    [again] = mine.claim(waitSeconds=5)
    assert mine.say(again, "complete", costMsat=50).json()["data"]["status"] == "failed"
    shown = mine.get(job["jobId"])
    assert (shown["costMsat"], shown["error"]["code"]) == (110, "BUDGET_EXCEEDED")
    mine.http.post(f"/orchestrator/jobs/{job['jobId']}/retry").raise_for_status()
    assert mine.get(job["jobId"])["costMsat"] == 0  # whoever retries gives it a new budget


def test_a_result_is_held_against_the_kind_and_the_lease_goes_on(mine: Hand) -> None:
    mine.register(resultSchema={"type": "object", "required": ["width"]})
    job = mine.one()
    answer = mine.say(job, "complete", result={"height": 1})
    assert [entry["field"] for entry in answer.json()["error"]["details"]] == ["/result/width"]
    assert batch(mine, job) == ["refused"]
    assert beat(mine, job)[0]["state"] == "held"
    assert mine.say(job, "complete", result={"width": 1}).status_code == 200


def test_a_large_result_is_kept_whole(mine: Hand) -> None:
    job = mine.one()
    large = {"text": "ä" * 300_000}
    assert mine.say(job, "complete", result=large).status_code == 200
    answer = mine.http.get(f"/orchestrator/jobs/{job['jobId']}/result")
    assert answer.json() == large


@pytest.fixture
def narrow(live: Live, tenant: Tenant, mine: Hand) -> Iterator[Hand]:
    """The same worker with a key that may use only one queue, `narrow`."""
    with restricted(live, tenant.name, "narrow") as http:
        yield Hand(http, mine.kind, "narrow")


def test_a_key_with_queues_takes_jobs_from_these_alone(narrow: Hand, mine: Hand) -> None:
    assert narrow.ask().status_code == 200
    answer = narrow.ask(queues=["narrow", mine.queue])
    assert code(answer) == (403, "FORBIDDEN")
    assert mine.queue in answer.json()["error"]["message"]


def test_a_key_with_queues_sends_jobs_to_these_alone(narrow: Hand) -> None:
    narrow.create()
    new = {"kind": narrow.kind, "queue": "default"}
    assert code(narrow.http.post("/orchestrator/jobs", json=new)) == (403, "FORBIDDEN")
    assert code(narrow.http.post("/orchestrator/jobs", json={"kind": narrow.kind}))[0] == 403
    many = narrow.http.post("/orchestrator/jobs/bulk", json={"jobs": [new]})
    assert many.status_code == 403 or many.json()["data"]["refused"] == 1


def test_a_key_with_queues_cannot_write_about_jobs_of_others(narrow: Hand, mine: Hand) -> None:
    job = mine.one()
    for what, body in SAID.items():
        assert code(narrow.say(job, what, **body)) == (403, "FORBIDDEN"), what
    assert batch(narrow, job) == ["refused"]
    assert beat(narrow, job)[0]["state"] == "lost"
    assert mine.say(job, "complete").status_code == 200


def test_what_our_own_workers_do_cannot_be_claimed(mine: Hand) -> None:
    for kind in ("http", "agent", "command", "build.code"):
        answer = mine.ask(kinds=[mine.kind, kind])
        assert code(answer) == (403, "FORBIDDEN")
        assert kind in answer.json()["error"]["message"]


def test_two_tenants_with_the_same_kind_never_meet(live: Live) -> None:
    hands = [hand(seed.new_tenant(live, f"meeting {n}").http) for n in range(2)]
    for one in hands:
        one.kind, one.queue = "same.kind", "same"
        one.register()
    created = [{one.create() for _ in range(20)} for one in hands]
    for one, ids, others in zip(hands, created, created[::-1], strict=True):
        for other in sorted(others)[:2]:
            assert one.say({"jobId": other, "leaseToken": 1}, "complete").status_code == 404
        found = [job for _ in range(4) for job in one.claim(limit=10)]
        assert {job["jobId"] for job in found} == ids
        assert beat(hands[0] if one is hands[1] else hands[1], *found)[0]["state"] == "lost"
        assert set(batch(one, *found)) == {"done"}


STRANGE: dict[str, tuple[Json, str]] = {
    "queue_of_10_kB": ({"queues": ["q" * 10_000]}, "/queues/0"),
    "queue_in_capitals": ({"queues": ["Mine"]}, "/queues/0"),
    "own_queue": ({"queues": ["_own"]}, "/queues/0"),
    "no_queue": ({"queues": []}, "/queues"),
    "51_queues": ({"queues": [f"q{n}" for n in range(51)]}, "/queues"),
    "no_kind": ({"kinds": []}, "/kinds"),
    "kind_with_space": ({"kinds": ["a b"]}, "/kinds/0"),
    "limit_0": ({"limit": 0}, "/limit"),
    "limit_101": ({"limit": 101}, "/limit"),
    "wait_31": ({"waitSeconds": 31}, "/waitSeconds"),
    "lease_4": ({"leaseSeconds": 4}, "/leaseSeconds"),
    "worker_of_another_noun": ({"workerId": seed_id()}, "/workerId"),
    "name_of_control_characters": ({"name": "a\x07b"}, "/name"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_claim_is_refused_by_its_field(mine: Hand, name: str) -> None:
    more, where = STRANGE[name]
    answer = mine.ask(**more)
    assert code(answer) == (400, "VALIDATION_ERROR")
    assert [entry["field"] for entry in answer.json()["error"]["details"]] == [where]


STRANGE_WORDS: dict[str, tuple[str, Json, str]] = {
    "1001_lines": ("logs", {"lines": [{"message": "a"}] * 1001}, "/lines"),
    "long_line": ("logs", {"lines": [{"message": "a" * 8001}]}, "/lines/0/message"),
    "level": ("logs", {"lines": [{"message": "a", "level": "fatal"}]}, "/lines/0/level"),
    "time": ("logs", {"lines": [{"message": "a", "at": "yesterday"}]}, "/lines/0/at"),
    "percent": ("progress", {"percent": 101}, "/percent"),
    "code": ("fail", {"error": {"code": "no code", "message": ""}}, "/error/code"),
    "pause": ("fail", {**SAID["fail"], "retryAfterSeconds": -1}, "/retryAfterSeconds"),
    "delay": ("release", {"delaySeconds": 86401}, "/delaySeconds"),
    "token_0": ("complete", {"leaseToken": 0}, "/leaseToken"),
    "token_of_70_bits": ("complete", {"leaseToken": 2**70}, "/leaseToken"),
    "cost": ("complete", {"costMsat": -1}, "/costMsat"),
}


@pytest.mark.parametrize("name", STRANGE_WORDS)
def test_a_strange_word_about_a_job_is_refused_by_its_field(mine: Hand, name: str) -> None:
    what, body, where = STRANGE_WORDS[name]
    answer = mine.say({"jobId": seed_id(), "leaseToken": 1}, what, **body)
    assert code(answer) == (400, "VALIDATION_ERROR")
    assert [entry["field"] for entry in answer.json()["error"]["details"]] == [where]
