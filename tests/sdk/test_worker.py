"""The worker of the SDK against the running product: real requests, real processes, real kills."""

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from prazium import Fail, Job, Prazium, RetryLater, Worker
from prazium.errors import UnauthorizedError

from db import embedded
from scripts.stack import child, free_port, is_free
from tests.conftest import Live
from tests.sdk.workplace import Place, until

SOON: dict[str, Any] = {"retry": {"maxAttempts": 3, "baseSeconds": 0}}


def test_plain_and_asynchronous_functions_do_jobs(place: Place) -> None:
    worker = place.worker(name="both")

    @worker.job("sdk.plain", schema={"type": "object", "required": ["name"]})
    def plain(job: Job) -> str:
        job.log(f"in {threading.current_thread().name}")
        job.progress(50, "half")
        return f"Hello {job.input['name']}"

    @worker.job("sdk.async")
    async def asynchronous(job: Job) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"token": job.idempotency_token, "tags": job.tags, "attempt": job.attempt}

    with place.working(worker):
        first = place.create("sdk.plain", input={"name": "Ada"})
        second = place.create("sdk.async", tags=["t"])
        assert place.ended(first)["result"] == "Hello Ada"
        assert place.ended(second)["result"]["tags"] == ["t"]
    assert place.log(first)[0].startswith("in prazium-")
    assert place.get(first)["progress"] == {"percent": 50, "message": "half"}
    refused = place.http.post("/orchestrator/jobs", json={"kind": "sdk.plain", "input": {}})
    assert refused.json()["error"]["details"][0]["field"] == "/input/name"


def test_a_worker_runs_in_any_thread_until_it_is_told_to_stop(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.threaded")
    def threaded(job: Job) -> str:
        return threading.current_thread().name

    running = threading.Thread(target=worker.run)
    running.start()
    try:
        assert place.ended(place.create("sdk.threaded"))["status"] == "succeeded"
    finally:
        worker.stop()
        running.join(20)
    assert not running.is_alive()


def test_failures_are_told_as_the_function_means_them(place: Place) -> None:
    worker = place.worker()
    tried: list[int] = []

    @worker.job("sdk.fails")
    def fails(job: Job) -> Any:
        match job.input["how"]:
            case "for_good":
                raise Fail("IMAGE_BROKEN", "No image.")
            case "later":
                tried.append(job.attempt)
                if job.attempt == 1:
                    raise RetryLater(0.1)
                return job.attempt
            case "exception":
                raise KeyError("missing")
            case "no_json":
                return {1, 2}

    with place.working(worker):
        ids = {
            how: place.create("sdk.fails", input={"how": how}, **SOON)
            for how in ("for_good", "later", "exception", "no_json")
        }
        ended = {how: place.ended(job_id) for how, job_id in ids.items()}
    assert ended["for_good"]["error"] == {"code": "IMAGE_BROKEN", "message": "No image."}
    assert ended["for_good"]["attempt"] == 1
    assert (ended["later"]["result"], tried) == (2, [1, 2])
    assert (ended["exception"]["error"]["code"], ended["exception"]["attempt"]) == ("KEY_ERROR", 3)
    assert ended["no_json"]["error"]["code"] == "RESULT_NOT_JSON"
    [trace, *_] = place.log(ids["exception"])
    assert trace.startswith("Traceback") and "_perform" not in trace


def test_a_result_that_the_kind_does_not_give_is_a_failure(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.typed", result_schema={"type": "object", "required": ["width"]})
    async def typed(job: Job) -> dict[str, int]:
        return {"height": 1}

    with place.working(worker):
        error = place.ended(place.create("sdk.typed"))["error"]
    assert (error["code"], "/result/width" in error["message"]) == ("RESULT_REFUSED", True)


def test_a_blocked_worker_keeps_its_lease(place: Place) -> None:
    worker = place.worker(lease_seconds=5, concurrency=2)

    @worker.job("sdk.blocks")
    async def blocks(job: Job) -> int:
        until_then = time.monotonic() + 6
        while time.monotonic() < until_then:
            sum(range(100_000))  # holds the loop, and mostly the interpreter
        return job.attempt

    with place.working(worker):
        job_id = place.create("sdk.blocks")
        assert place.ended(job_id)["result"] == 1
    assert place.events(job_id) == ["RUN_CREATED", "TASK_STARTED", "RUN_COMPLETED"]


def test_a_cancelled_job_stops_its_function(place: Place) -> None:
    worker = place.worker(lease_seconds=5)
    stopped: dict[str, float] = {}

    @worker.job("sdk.waits.async")
    async def waits(job: Job) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped["async"] = time.monotonic()
            raise

    @worker.job("sdk.waits.plain")
    def waits_too(job: Job) -> None:
        if job.cancelled.wait(30):
            stopped["plain"] = time.monotonic()

    with place.working(worker):
        ids = [place.create("sdk.waits.async"), place.create("sdk.waits.plain")]
        for job_id in ids:
            place.begun(job_id)
            place.http.post(f"/orchestrator/jobs/{job_id}/cancel").raise_for_status()
        until(lambda: len(stopped) == 2)
    assert [place.get(job_id)["status"] for job_id in ids] == ["cancelled"] * 2


def test_a_worker_that_stops_finishes_what_is_quick_and_hands_back_the_rest(
    place: Place, tmp_path: Path
) -> None:
    functions = """
        @worker.job("sdk.quick")
        def quick(job):
            time.sleep(1)
            return "done"

        @worker.job("sdk.slow")
        async def slow(job):
            await asyncio.sleep(60)

        @worker.job("sdk.hangs")
        def hangs(job):
            time.sleep(60)
    """
    with place.process(functions, tmp_path, drain_seconds=2) as process:
        ids = [place.create(kind) for kind in ("sdk.quick", "sdk.slow", "sdk.hangs")]
        for job_id in ids:
            place.begun(job_id)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 6
    quick, slow, hangs = (place.get(job_id) for job_id in ids)
    assert quick["result"] == "done"
    assert [(job["status"], job["attempt"]) for job in (slow, hangs)] == [("queued", 1)] * 2
    assert "JOB_RELEASED" in place.events(slow["id"])


def test_the_jobs_of_a_worker_that_is_killed_are_done_by_another(
    place: Place, tmp_path: Path
) -> None:
    kept = """
        @worker.job("sdk.kept")
        async def kept(job):
            await asyncio.sleep(60)
    """
    with place.process(kept, tmp_path, lease_seconds=5) as process:
        ids = [place.create("sdk.kept") for _ in range(3)]
        for job_id in ids:
            place.begun(job_id)
        process.kill()
    worker = place.worker()

    @worker.job("sdk.kept")
    async def done(job: Job) -> int:
        return job.attempt

    with place.working(worker):
        assert [place.ended(job_id)["result"] for job_id in ids] == [2, 2, 2]


def test_a_worker_bears_that_the_service_is_killed_and_starts_again(
    live: Live, tmp_path: Path
) -> None:
    with serving(live, tmp_path) as api:
        moving = Place(api.url, live.key)
        worker = moving.worker(concurrency=5)
        done: list[str] = []

        @worker.job("sdk.restart")
        def restart(job: Job) -> int:
            time.sleep(0.05)
            done.append(job.id)
            return job.attempt

        with moving.working(worker):
            ids = [moving.create("sdk.restart") for _ in range(40)]
            until(lambda: len(done) > 10)
            api.kill()
            api.start()
            assert all(moving.ended(job_id)["status"] == "succeeded" for job_id in ids)
        assert set(done) == set(ids)
        began = time.monotonic()
        with ThreadPoolExecutor() as pool:
            poll = pool.submit(moving.claim, waitSeconds=30)
            time.sleep(0.5)
            api.stop()
            assert poll.result() == []  # whoever ends lets nobody wait
        assert time.monotonic() - began < 10


class Api:
    """An API of the test's own at one port, on the database of the running product."""

    def __init__(self, live: Live, database: str, folder: Path) -> None:
        self._port = free_port("127.0.0.1")
        self.url = f"http://127.0.0.1:{self._port}/v1"
        self._env = os.environ | {
            "PRAZIUM_DATABASE_URL": database,
            "PRAZIUM_DATA_DIR": str(live.data_dir),
            "PRAZIUM_PORT": str(self._port),
        }
        self._log = folder / "serve.log"
        self._stack = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Serve, and wait until it answers."""
        self._process = self._stack.enter_context(child(["serve"], self._env, self._log))
        until(lambda: not is_free("127.0.0.1", self._port))

    def kill(self) -> None:
        """End it as a loss of power does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(15)

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def close(self) -> None:
        """End it."""
        self._stack.close()


@contextlib.contextmanager
def serving(live: Live, folder: Path) -> Iterator[Api]:
    """An API that can be restarted."""
    with embedded.server(live.data_dir / "postgres") as url:
        api = Api(live, url, folder)
        api.start()
        try:
            yield api
        finally:
            api.close()


def test_a_worker_that_is_refused_ends_with_the_reason(live: Live) -> None:
    worker = Worker(api_key="pzm_wrong", base_url=live.url)
    worker.job("sdk.never")(lambda job: None)
    with pytest.raises(UnauthorizedError):
        asyncio.run(worker.run_async())


def test_a_worker_takes_key_and_address_from_a_client(place: Place) -> None:
    worker = Worker(Prazium(place.key, place.url), queues=[place.queue])

    @worker.job("sdk.client")
    def client(job: Job) -> int:
        return 1

    with place.working(worker):
        assert place.ended(place.create("sdk.client"))["result"] == 1


def test_a_kind_without_a_schema_stays_as_it_was_registered(place: Place) -> None:
    schema = {"required": ["a"]}
    body = {"description": "Known.", "inputSchema": schema}
    place.http.put("/worker/kinds/sdk.known", json=body).raise_for_status()
    worker = place.worker()
    worker.job("sdk.known")(lambda job: 1)
    with place.working(worker):
        place.ended(place.create("sdk.known", input={"a": 1}))
    kind = place.http.get("/worker/kinds/sdk.known").json()["data"]
    assert (kind["description"], kind["inputSchema"]) == ("Known.", schema)


def test_more_lines_than_are_kept_cost_no_memory_and_end_with_a_word(place: Place) -> None:
    worker = place.worker()

    @worker.job("sdk.talks")
    def talks(job: Job) -> int:
        for number in range(50_000):
            job.log(f"Line {number}\0\ud800")
        return len(job.lines)

    with place.working(worker):
        job = place.ended(place.create("sdk.talks"))
    assert job["result"] <= 10_001
    query = {"afterSeq": 9_999, "limit": 10}
    answer = place.http.get(f"/orchestrator/jobs/{job['id']}/logs", params=query).json()
    assert ["left out" in line["message"] for line in answer["data"]] == [False, True]
