"""A worker of the SDK at work: in a thread of the test, or as a process of its own."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
from prazium import Worker

PATIENCE_S = 30.0
ENDED = ("succeeded", "failed", "cancelled")
Json = dict[str, Any]


class Place:
    """One queue of a tenant, and those who work there."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self.queue = f"q{uuid4().hex}"
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    def worker(self, **more: Any) -> Worker:
        """A worker that takes jobs from here."""
        return Worker(api_key=self.key, base_url=self.url, queues=[self.queue], **more)

    @contextlib.contextmanager
    def working(self, worker: Worker) -> Iterator[None]:
        """The worker at work in a thread; at the end it stops, and has to end well."""
        failed: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(worker.run_async())
            except BaseException as error:
                failed.append(error)

        thread = Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            worker.stop()
            thread.join(20)
        assert not thread.is_alive()
        assert not failed, failed

    @contextlib.contextmanager
    def process(self, functions: str, folder: Path, **more: Any) -> Iterator[subprocess.Popen[str]]:
        """A process that has registered its functions and runs `worker`; killed at the end."""
        given = ", ".join(f"{name}={value!r}" for name, value in more.items())
        lines = (
            "import asyncio, sys, time",
            "from prazium import Worker",
            f"worker = Worker(queues=[{self.queue!r}], {given})",
            textwrap.dedent(functions),
            "worker.run()",
        )
        env = os.environ | {"PRAZIUM_API_KEY": self.key, "PRAZIUM_BASE_URL": self.url}
        with (folder / f"worker-{uuid4().hex}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", "\n".join(lines)], env=env, text=True,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def create(self, kind: str, **more: Any) -> str:
        """The id of a new job; the kind may be a moment late."""
        body = {"kind": kind, "queue": self.queue} | more
        return str(until(lambda: self._created(body))["id"])

    def _created(self, body: Json) -> Json | None:
        answer = self.http.post("/orchestrator/jobs", json=body)
        if answer.status_code != 201:
            return None
        created: Json = answer.json()["data"]
        return created

    def claim(self, **more: Any) -> list[Json]:
        """The answer to a claim without a worker."""
        body = {"kinds": ["sdk.none"], "queues": [self.queue]} | more
        answer = self.http.post("/worker/claim", json=body, timeout=40)
        jobs: list[Json] = answer.json()["data"]["jobs"]
        return jobs

    def get(self, job_id: str) -> Json:
        """The job as it is now."""
        job: Json = self.http.get(f"/orchestrator/jobs/{job_id}").json()["data"]
        return job

    def ended(self, job_id: str) -> Json:
        """The job once it has ended."""
        return until(lambda: job if (job := self.get(job_id))["status"] in ENDED else None)

    def begun(self, job_id: str) -> Json:
        """The job once it runs."""
        return until(lambda: job if (job := self.get(job_id))["status"] == "running" else None)

    def events(self, job_id: str) -> list[str]:
        """What happened to a job, in order."""
        found = self.http.get(f"/orchestrator/jobs/{job_id}/events").json()["data"]
        return [event["eventType"] for event in found]

    def log(self, job_id: str) -> list[str]:
        """The lines of a job's log."""
        found = self.http.get(f"/orchestrator/jobs/{job_id}/logs").json()["data"]
        return [line["message"] for line in found]


def until(look: Callable[[], Any]) -> Any:
    """What is looked for, once it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError, KeyError):
            if found := look():
                return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
