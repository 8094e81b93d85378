"""What a worker reports about its jobs: successes many at a time, everything else job by job."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import frozen

from ._failures import APIError, PraziumError
from ._worker_calls import Calls, encoded
from ._worker_job import Job

log = logging.getLogger("prazium.worker")

MOST = 100
MOST_BYTES = 3_000_000
MOST_LINES = 1000
MOST_LINE_BYTES = 500_000
TELL_S = 0.5


@frozen
class Success:
    """A job that is done, and its result in JSON."""

    job: Job
    result: bytes

    def item(self) -> bytes:
        """As the service takes it."""
        lease = encoded(self.job.lease)
        return lease[:-1] + b',"result":' + self.result + b"}"


class Reports:
    """Sends what there is to report; `ended` is told each job that is off this worker's hands."""

    def __init__(
        self, calls: Calls, working: Callable[[], list[Job]], ended: Callable[[Job], None]
    ) -> None:
        self._calls = calls
        self._working = working
        self._ended = ended
        self._done: deque[Success] = deque()
        self._news = asyncio.Event()

    def succeeded(self, job: Job, result: bytes) -> None:
        """Report a result with the next ones."""
        self._done.append(Success(job, result))
        self._news.set()

    async def run(self) -> None:
        """Send results as they come, each batch while the next one gathers."""
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(0)  # what ends in this moment comes along
            while self._done:
                await self._guarded(self._complete(self._batch()))

    async def tell_all(self) -> None:
        """Send progress and log lines now and then."""
        while True:
            await asyncio.sleep(TELL_S)
            for job in self._working():
                if not job.cancelled.is_set():
                    await self._guarded(self.tell(job))

    async def _guarded(self, work: Awaitable[None]) -> None:
        """What cannot be reported must not end all reports."""
        try:
            await work
        except Exception:
            log.exception("A report failed.")

    def _batch(self) -> list[Success]:
        batch, size = list[Success](), 0
        while self._done and len(batch) < MOST:
            size += len(self._done[0].result)
            if batch and size > MOST_BYTES:
                break
            batch.append(self._done.popleft())
        return batch

    async def _complete(self, batch: list[Success]) -> None:
        """Report results; those that nobody can take are failures."""
        body = b'{"completions":[' + b",".join(one.item() for one in batch) + b"]}"
        try:
            data = await self._calls.persist("POST", "/worker/complete", body)
        except PraziumError as error:
            await self._apart(batch, error)
            return
        for one, item in zip(batch, data["items"], strict=True):
            await self._settle(one.job, item)

    async def _apart(self, batch: list[Success], error: PraziumError) -> None:
        """What cannot be recorded must not stop the others."""
        if len(batch) == 1:
            await self._refused(batch[0].job, str(error))
            return
        for one in batch:
            await self._complete([one])

    async def _settle(self, job: Job, item: dict[str, Any]) -> None:
        if item["outcome"] == "refused":
            await self._refused(job, item["error"]["message"])
            return
        if item["outcome"] == "stale":
            log.info("The lease of %s was lost before its result was recorded.", job.id)
        self._ended(job)

    async def _refused(self, job: Job, message: str) -> None:
        log.error("The result of %s was refused: %s", job.id, message)
        error = {"code": "RESULT_REFUSED", "message": message[:4000]}
        await self.failed(job, {"error": error, "retryable": False})

    async def failed(self, job: Job, failure: dict[str, Any]) -> None:
        """Report that an attempt failed, also if what it said cannot be sent."""
        await self._guarded(self.tell(job))
        await self._about(job, "fail", failure)
        self._ended(job)

    async def released(self, job: Job) -> None:
        """Hand a job back, and say whether its function had begun; if not, it never does."""
        job.cancelled.set()
        await self._about(job, "release", {"interrupted": job.begun})
        self._ended(job)

    async def tell(self, job: Job) -> None:
        """Send what a job's function has said since the last time, and see it arrive."""
        async with job.telling:
            latest, job.latest = job.latest, None
            if latest is not None:
                await self._about(job, "progress", latest)
            while job.lines:
                await self._about(job, "logs", {"lines": next_lines(job)})

    async def _about(self, job: Job, what: str, body: dict[str, Any]) -> None:
        """Say something about a job that is held; if it is not any more, that is the end of it."""
        content = encoded({"leaseToken": job.lease_token, **body})
        try:
            await self._calls.persist("POST", f"/worker/jobs/{job.id}/{what}", content)
        except APIError as error:
            if error.code in ("LEASE_LOST", "NOT_FOUND"):
                job.cancelled.set()
            else:
                log.error("%s of %s was refused: %s", what, job.id, error)


def next_lines(job: Job) -> list[dict[str, Any]]:
    """So many of a job's lines as fit into one request."""
    lines, size = list[dict[str, Any]](), 0
    while job.lines and len(lines) < MOST_LINES and size < MOST_LINE_BYTES:
        line = job.lines.popleft()
        lines.append({"level": line.level, "message": line.message, "at": line.at})
        size += 4 * len(line.message)
    return lines
