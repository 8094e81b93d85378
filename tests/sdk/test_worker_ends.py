"""Whatever a job's function does, its attempt ends and nobody keeps the job."""

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prazium import Job, RetryLater, Worker
from prazium._worker_job import job_of

from tests.sdk.harness import Handler, Server
from tests.sdk.workplace import Place, until

TWICE: dict[str, Any] = {"retry": {"maxAttempts": 2, "baseSeconds": 0}}
JOB: dict[str, Any] = {
    "jobId": "job_1", "kind": "sdk.none", "queue": "default", "input": {}, "attempt": 1,
    "maxAttempts": 1, "idempotencyToken": "task_1", "timeoutSeconds": None, "deadline": None,
    "tags": [], "metadata": {}, "traceparent": None, "leaseToken": 1,
}  # fmt: skip


class Unspeakable(Exception):
    """It cannot even say what it is."""

    def __str__(self) -> str:
        raise LookupError


async def inner_task_cancelled() -> None:
    """What a function does that cancels a part of itself."""
    inner = asyncio.create_task(asyncio.sleep(30))
    asyncio.get_running_loop().call_soon(inner.cancel)
    await inner


async def itself_cancelled() -> None:
    """What a function does that cancels itself."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(30)


def raising(name: str) -> None:
    """Raise the exception of that name."""
    raise {
        "CANCELLED_ERROR": asyncio.CancelledError(),
        "SYSTEM_EXIT": SystemExit(1),
        "KEYBOARD_INTERRUPT": KeyboardInterrupt(),
        "GENERATOR_EXIT": GeneratorExit(),
        "STOP_ITERATION": StopIteration(),
        "UNSPEAKABLE": Unspeakable(),
    }[name]


@pytest.mark.parametrize("how", ["inner_task_cancelled", "itself_cancelled"])
def test_a_cancellation_from_inside_a_function_is_a_failed_attempt(place: Place, how: str) -> None:
    worker = place.worker()

    @worker.job("sdk.cancels")
    async def cancels(job: Job) -> None:
        await globals()[how]()

    with place.working(worker):
        job = place.ended(place.create("sdk.cancels", **TWICE))
    assert (job["error"]["code"], job["attempt"]) == ("CANCELLED_ERROR", 2)
    assert "JOB_RELEASED" not in place.events(job["id"])


def test_whatever_a_function_raises_is_a_failed_attempt_with_its_name(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.raises.plain")
    def plain(job: Job) -> None:
        raising(job.input["what"])

    @worker.job("sdk.raises.async")
    async def asynchronous(job: Job) -> None:
        raising(job.input["what"])

    names = [
        "CANCELLED_ERROR",
        "SYSTEM_EXIT",
        "KEYBOARD_INTERRUPT",
        "GENERATOR_EXIT",
        "UNSPEAKABLE",
    ]
    cases = [(f"sdk.raises.{form}", name) for name in names for form in ("plain", "async")]
    cases.append(("sdk.raises.plain", "STOP_ITERATION"))
    with place.working(worker):
        ids = [place.create(kind, input={"what": what}, **TWICE) for kind, what in cases]
        ended = [place.ended(job_id) for job_id in ids]
    assert [job["error"]["code"] for job in ended] == [what for _, what in cases]
    assert {job["attempt"] for job in ended} == {2}


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (lambda job: job.progress(Decimal("5")), TypeError),
        (lambda job: job.progress("5"), TypeError),
        (lambda job: job.progress(True), TypeError),
        (lambda job: job.progress(float("nan")), ValueError),
        (lambda job: job.progress(5, b"half"), TypeError),
        (lambda job: job.log("x", level=object()), ValueError),
        (lambda job: job.log(5), TypeError),
        (lambda job: RetryLater("5"), TypeError),
        (lambda job: RetryLater(float("nan")), ValueError),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_line_that_says_it(
    say: Callable[[Any], Any], error: type[Exception]
) -> None:
    job = job_of(JOB)
    with pytest.raises(error, match="has to be"):
        say(job)
    assert (job.latest, len(job.lines)) == (None, 0)


def test_what_cannot_be_reported_after_a_function_ends_its_attempt(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.unsendable")
    def unsendable(job: Job) -> int:
        job.latest = {"percent": object()}
        if not job.input["fails"]:
            return 1
        later = RetryLater(1)
        later.seconds = float("nan")
        raise later

    with place.working(worker):
        ids = [place.create("sdk.unsendable", input={"fails": it}, **TWICE) for it in (0, 1)]
        codes = [place.ended(job_id)["error"]["code"] for job_id in ids]
    assert codes == ["TYPE_ERROR", "VALUE_ERROR"]


def test_a_job_that_got_no_thread_has_failed_and_the_next_one_is_done(place: Place) -> None:
    worker = place.worker(concurrency=1)

    @worker.job("sdk.unthreaded")
    def unthreaded(job: Job) -> int:
        return job.attempt

    with place.working(worker):
        kind = "sdk.unthreaded"
        until(lambda: place.http.get(f"/worker/kinds/{kind}").is_success)
        with no_new_threads():
            failed = place.ended(place.create(kind, retry={"maxAttempts": 1}))
        assert failed["error"]["code"] == "RUNTIME_ERROR"
        assert place.ended(place.create(kind))["status"] == "succeeded"


@contextlib.contextmanager
def no_new_threads() -> Iterator[None]:
    """No thread can be started: each would need more memory for its stack than can be addressed."""
    before = threading.stack_size(2**47)
    try:
        yield
    finally:
        threading.stack_size(before)


def test_a_function_that_goes_on_after_its_cancellation_keeps_no_job(
    place: Place, tmp_path: Path
) -> None:
    functions = """
        @worker.job("sdk.stubborn")
        async def stubborn(job):
            while True:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    pass
    """
    with place.process(functions, tmp_path, drain_seconds=0) as process:
        job_id = place.create("sdk.stubborn")
        place.begun(job_id)
        process.send_signal(signal.SIGTERM)
        until(lambda: place.get(job_id)["status"] == "queued")
    assert "JOB_RELEASED" in place.events(job_id)


def test_an_end_of_the_loop_hands_back_the_other_jobs(place: Place, tmp_path: Path) -> None:
    functions = """
        @worker.job("sdk.waits")
        async def waits(job):
            await asyncio.sleep(60)

        @worker.job("sdk.exits")
        async def exits(job):
            asyncio.create_task(leave())
            await asyncio.sleep(60)

        async def leave():
            sys.exit(3)
    """
    with place.process(functions, tmp_path, drain_seconds=0) as process:
        waits = place.create("sdk.waits")
        place.begun(waits)
        exits = place.create("sdk.exits")
        assert process.wait(20) == 3
    assert [place.get(job_id)["status"] for job_id in (waits, exits)] == ["queued"] * 2


def test_a_worker_whose_run_is_cancelled_claims_nothing_more(place: Place) -> None:
    worker = place.worker()
    began = threading.Event()

    @worker.job("sdk.last")
    async def last(job: Job) -> int:
        began.set()
        await asyncio.sleep(2)
        return job.attempt

    async def cancelled() -> None:
        running = asyncio.create_task(worker.run_async())
        await asyncio.to_thread(began.wait)
        running.cancel()
        await asyncio.wait({running})

    thread = threading.Thread(target=asyncio.run, args=(cancelled(),))
    thread.start()
    first = place.create("sdk.last")
    assert began.wait(20)
    time.sleep(0.5)
    second = place.create("sdk.last")
    thread.join(20)
    assert place.get(first)["status"] == "succeeded"
    assert place.events(second) == ["RUN_CREATED"]


def test_what_is_being_said_of_a_job_is_not_cut_off_by_the_end(
    serve: Callable[[Handler], Server],
) -> None:
    jobs, said = [JOB], list[str]()
    saying = threading.Event()

    async def answer(request: web.Request) -> web.Response:
        match request.path.rsplit("/", 1)[-1]:
            case "claim":
                data: dict[str, Any] = {"workerId": "wrk_1", "jobs": jobs.copy()}
                jobs.clear()
            case "progress":
                saying.set()
                await asyncio.sleep(0.5)
                data = {}
            case "complete":
                said.append(await request.text())
                data = {"items": [{"outcome": "done"}]}
            case _:
                data = {}
        return web.json_response({"success": True, "data": data})

    worker = Worker(api_key="pzm_test", base_url=serve(answer).url, drain_seconds=0)
    worker.job("sdk.none")(lambda job: job.progress(50))
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert saying.wait(10)
    worker.stop()
    thread.join(10)
    assert len(said) == 1


def test_a_result_that_no_request_can_hold_fails_and_holds_up_no_other(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.large")
    def large(job: Job) -> Any:
        return "x" * job.input["bytes"]

    with place.working(worker):
        ids = [place.create("sdk.large", input={"bytes": size}) for size in (60_000_000, 1)]
        first, second = (place.ended(job_id) for job_id in ids)
    assert (first["error"]["code"], second["status"]) == ("RESULT_TOO_LARGE", "succeeded")


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("concurrency", (0, -1, 2.5, "5")),
        ("lease_seconds", (-5, 4, 3601, 7.5)),
        ("drain_seconds", (-1, float("nan"))),
        ("queues", ([], "default")),
    ],
)
def test_a_worker_that_could_not_work_is_refused(option: str, values: tuple[Any, ...]) -> None:
    for value in values:
        given: Any = {option: value}
        with pytest.raises(ValueError, match=f"{option} has to be"):
            Worker(api_key="pzm_test", **given)


def test_a_second_function_for_a_kind_is_refused() -> None:
    worker = Worker(api_key="pzm_test")
    worker.job("sdk.twice")(lambda job: 1)
    with pytest.raises(ValueError, match=r"sdk\.twice has a function already"):
        worker.job("sdk.twice")(lambda job: 2)


def test_a_worker_with_more_jobs_than_it_can_name_lets_none_be_freed(
    serve: Callable[[Handler], Server],
) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        if not request.path.endswith("/claim"):
            return web.json_response({"success": True, "data": {}})
        asked.append(await request.json())
        if len(asked) == 12:  # this answer is lost
            return web.Response(status=503)
        jobs = [JOB | {"jobId": f"job_{len(asked)}_{n}"} for n in range(100)]
        data = {"workerId": "wrk_1", "jobs": jobs if len(asked) < 12 else []}
        return web.json_response({"success": True, "data": data})

    worker = Worker(
        api_key="pzm_test", base_url=serve(answer).url, concurrency=1200, drain_seconds=0
    )

    @worker.job("sdk.none")
    async def waits(job: Job) -> None:
        await asyncio.sleep(30)

    thread = threading.Thread(target=worker.run)
    thread.start()
    until(lambda: len(asked) > 12)
    worker.stop()
    thread.join(20)
    assert "holds" not in asked[12]


def test_jobs_whose_claim_is_answered_at_the_end_are_not_lost(
    serve: Callable[[Handler], Server],
) -> None:
    asked, done = threading.Event(), threading.Event()

    async def answer(request: web.Request) -> web.Response:
        data: dict[str, Any] = {}
        if request.path.endswith("/claim"):
            asked.set()
            await asyncio.sleep(0.2)
            data = {"workerId": "wrk_1", "jobs": [JOB]}
        elif request.path.endswith("/complete"):
            done.set()
            data = {"items": [{"outcome": "done"}]}
        return web.json_response({"success": True, "data": data})

    worker = Worker(api_key="pzm_test", base_url=serve(answer).url)
    worker.job("sdk.none")(lambda job: 1)
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert asked.wait(10)
    worker.stop()
    thread.join(20)
    assert done.is_set()


def test_a_job_ends_after_all_that_its_function_has_said_has_arrived(
    serve: Callable[[Handler], Server],
) -> None:
    jobs, heard = [JOB], list[str]()
    saying = threading.Event()

    async def answer(request: web.Request) -> web.Response:
        what = request.path.rsplit("/", 1)[-1]
        data: dict[str, Any] = {"items": [{"outcome": "done"}]}
        if what == "claim":
            data = {"workerId": "wrk_1", "jobs": jobs.copy()}
            jobs.clear()
        elif what == "logs":
            saying.set()
            await asyncio.sleep(0.5)
        heard.append(what)
        return web.json_response({"success": True, "data": data})

    worker = Worker(api_key="pzm_test", base_url=serve(answer).url)

    @worker.job("sdk.none")
    def says(job: Job) -> None:
        job.log("The last word.")
        saying.wait(10)

    thread = threading.Thread(target=worker.run)
    thread.start()
    until(lambda: "complete" in heard)
    worker.stop()
    thread.join(20)
    assert [what for what in heard if what in ("logs", "complete")] == ["logs", "complete"]
