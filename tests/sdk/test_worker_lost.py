"""What a worker says of itself and of its jobs, so that nothing is lost and nothing done twice."""

import asyncio
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prazium import Job, Worker
from prazium._settings import Settings
from prazium._worker_calls import Calls
from prazium._worker_id import new_worker_id
from prazium._worker_job import job_of
from prazium._worker_outcome import awaited_outcome, outcome_of
from prazium._worker_reports import Reports

from services.context import new_id
from tests.sdk.harness import Handler, Server
from tests.sdk.test_worker_ends import JOB
from tests.sdk.workplace import Place, until


def test_a_job_that_a_stopping_worker_has_begun_is_not_done_again_if_it_must_not(
    place: Place, tmp_path: Path
) -> None:
    functions = """
        @worker.job("sdk.once.async")
        async def once(job):
            await asyncio.sleep(60)

        @worker.job("sdk.once.plain")
        def once_too(job):
            time.sleep(60)
    """
    kinds = ["sdk.once.async", "sdk.once.plain"]
    with place.process(functions, tmp_path, drain_seconds=0) as process:
        ids = [place.create(kind, replay="never") for kind in kinds]
        for job_id in ids:
            place.begun(job_id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    until(lambda: all(place.get(job_id)["status"] == "failed" for job_id in ids))
    assert [place.get(job_id)["error"]["code"] for job_id in ids] == ["REPLAY_REFUSED"] * 2
    assert place.claim(kinds=kinds, limit=10) == []


@pytest.mark.parametrize("begun", [False, True])
async def test_a_job_that_is_handed_back_says_whether_its_function_was_called(
    serve: Callable[[Handler], Server], begun: bool
) -> None:
    bodies: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response({"success": True, "data": {}})

    job, calls = job_of(JOB), Calls(Settings.of("pzm_test", serve(answer).url, 10.0, None))
    if begun:
        outcome_of(lambda job: 1, job)
    await Reports(calls, list, lambda job: None).released(job)
    await calls.aclose()
    assert bodies == [{"leaseToken": 1, "interrupted": begun}]


async def test_a_function_that_was_not_called_in_time_is_not_called_for_a_job_handed_back() -> None:
    called: list[Job] = []

    async def asynchronous(job: Job) -> None:
        called.append(job)

    job = job_of(JOB)
    job.cancelled.set()
    given = [outcome_of(called.append, job), await awaited_outcome(asynchronous, job)]
    assert [type(outcome) for outcome in given] == [asyncio.CancelledError] * 2
    assert called == []


def test_a_worker_has_an_id_of_the_form_that_the_service_makes() -> None:
    """The contract's pattern is held against it by every test with a service."""
    made = [new_worker_id() for _ in range(100)]
    assert len(set(made)) == 100
    assert {len(one) for one in made} == {len(new_id("wrk"))}
    assert made[0][:12] == new_id("wrk")[:12]  # both begin with the time


def test_the_first_claim_is_known_by_its_worker_if_its_answer_is_lost(
    serve: Callable[[Handler], Server],
) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        if not request.path.endswith("/claim"):
            return web.json_response({"success": True, "data": {}})
        asked.append(await request.json())
        if len(asked) == 1:
            return web.Response(status=503)
        data = {"workerId": asked[-1]["workerId"], "jobs": []}
        return web.json_response({"success": True, "data": data})

    worker = Worker(api_key="pzm_test", base_url=serve(answer).url)
    worker.job("sdk.none")(lambda job: 1)
    thread = threading.Thread(target=worker.run)
    thread.start()
    until(lambda: len(asked) > 2)
    worker.stop()
    thread.join(20)
    assert len({one["workerId"] for one in asked}) == 1
    assert ["holds" in one for one in asked[:3]] == [False, True, False]
    assert asked[1]["holds"] == []
