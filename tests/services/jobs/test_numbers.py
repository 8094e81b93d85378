"""Numbers of inputs and results: what comes back is what was sent."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.services.jobs.conftest import KIND, Caller, fields

JSON = {"Content-Type": "application/json"}
NUMBERS = [
    *("0", "1", "1.0", "1e2", "-0.0", "0.1", "9007199254740993", "9223372036854775807"),
    *("-9223372036854775808", "1e20", "6.022e23", "1e308", "1.7976931348623157e308", "5e-324"),
]


async def claimed(caller: Caller) -> Any:
    """The next job, as a worker gets it, with numbers as they are written."""
    asked = {"queues": ["default"], "kinds": [KIND]}
    answer = await caller.http.post("/worker/claim", json=asked)
    exactly: Any = json.loads(answer.text, parse_int=Decimal, parse_float=Decimal)
    return exactly["data"]["jobs"][0]


async def sent(caller: Caller, path: str, text: str) -> Any:
    """What came of a request with this body."""
    return await caller.http.post(path, content=text, headers=JSON)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_number_comes_back_as_it_was_and_can_be_sent_again(
    caller: Caller, number: str
) -> None:
    new = f'{{"kind": "{KIND}", "input": {{"n": {number}}}}}'
    assert (await sent(caller, "/orchestrator/jobs", new)).status_code == 201
    job = await claimed(caller)
    seen = job["input"]["n"]
    done = f'{{"leaseToken": {job["leaseToken"]}, "result": [{seen:f}]}}'
    answer = await sent(caller, f"/worker/jobs/{job['jobId']}/complete", done)
    assert answer.status_code == 200, answer.text
    result = (await caller.http.get(f"/orchestrator/jobs/{job['jobId']}/result")).text
    [back] = json.loads(result, parse_int=Decimal, parse_float=Decimal)
    assert seen == back == Decimal(number)


@pytest.mark.parametrize("number", ["1e400", "-1e309", "9223372036854775808", "1" * 30])
async def test_a_number_that_would_not_come_back_as_it_is_is_named(
    caller: Caller, number: str
) -> None:
    new = f'{{"kind": "{KIND}", "input": {{"a": [{number}]}}}}'
    assert fields(await sent(caller, "/orchestrator/jobs", new)) == ["/input/a/0"]


async def test_what_a_worker_reports_together_may_be_more_than_one_result_may_have(
    caller: Caller,
) -> None:
    new = {"jobs": [{"kind": KIND, "input": {"a": [0] * 1000}}] * 25}
    assert (await caller.call("POST", "/orchestrator/jobs/bulk", json=new))["created"] == 25
    asked = {"queues": ["default"], "kinds": [KIND], "limit": 25}
    jobs = (await caller.call("POST", "/worker/claim", json=asked))["jobs"]
    done = [
        {"jobId": job["jobId"], "leaseToken": job["leaseToken"], "result": [0] * 1000}
        for job in jobs
    ]
    told = await caller.call("POST", "/worker/complete", json={"completions": done})
    assert [item["outcome"] for item in told["items"]] == ["done"] * 25


async def test_a_result_that_is_too_large_for_itself_is_named_in_a_batch(caller: Caller) -> None:
    small, large = (
        {"jobId": f"job_{n:026}", "leaseToken": 1, "result": [0] * n} for n in (10, 20_000)
    )
    given = {"completions": [small, large, small]}
    assert fields(await caller.http.post("/worker/complete", json=given)) == ["/completions/1"]
