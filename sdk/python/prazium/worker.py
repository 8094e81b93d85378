"""Workers of your own: functions that do jobs, in this process.

worker = Worker()

@worker.job("greet")
def greet(job):
    return f"Hello {job.input['name']}"

worker.run()
"""

import asyncio
import contextlib
import inspect
import logging
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

from attrs import frozen

from ._async.client import AsyncPrazium
from ._failures import APIError, PraziumError
from ._settings import Settings
from ._sync.client import Prazium
from ._worker_calls import Calls, Pauses, encoded, passes
from ._worker_heart import Heart
from ._worker_job import Fail, Job, RetryLater, failure_of, job_of, trace_of
from ._worker_options import check_options
from ._worker_outcome import Outcome, awaited_outcome, outcome_in, outcome_of
from ._worker_reports import Reports
from ._worker_threads import Threads

__all__ = ("Fail", "Job", "RetryLater", "Worker")

log = logging.getLogger("prazium.worker")

Function = TypeVar("Function", bound=Callable[[Job], Any])

WAIT = 20
MOST_CLAIMED = 100
MOST_HELD = 1000
ANSWER_S = 0.5
"""How long the end waits for the answer to a claim: if that is cut off, nobody has its jobs."""
GOING_S = 1.0
"""How long a cancelled function may go on; with 8 `drain_seconds`, all is said within ten."""
LAST_WORDS_S = 5.0
ANY: dict[str, Any] = {"type": "object"}
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@frozen
class Kind:
    """What this worker does, and with which function."""

    function: Callable[[Job], Any]
    description: str
    schema: dict[str, Any] | None
    result_schema: dict[str, Any] | None

    @property
    def is_async(self) -> bool:
        """Whether the function belongs into the event loop."""
        return inspect.iscoroutinefunction(self.function)


class Worker:
    """Claims jobs, calls their functions, keeps the leases, and reports what came of them.

    Args:
        client: a client whose key and address are taken.
        api_key: or else a key, or PRAZIUM_API_KEY; with the scope worker:run.
        base_url: or else an address, or PRAZIUM_BASE_URL.
        queues: where jobs are taken from, at least one.
        concurrency: how many are worked on at once, at least 1.
        name: what it is called where workers are listed; else its host and process id.
        lease_seconds: how long jobs stay its own when it is not heard of; 5 to 3600.
        drain_seconds: how long running jobs may still take when it is to stop.

    Raises: ValueError for what no worker can work with.
    """

    def __init__(
        self,
        client: Prazium | AsyncPrazium | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        queues: Sequence[str] = ("default",),
        concurrency: int = 10,
        name: str | None = None,
        lease_seconds: int = 30,
        drain_seconds: float = 8.0,
    ) -> None:
        check_options(queues, concurrency, lease_seconds, drain_seconds)
        given = client.settings if client else Settings.of(api_key, base_url, 60.0, None)
        self._settings = given
        self._queues = list(queues)
        self._concurrency = concurrency
        self._name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._lease_seconds = lease_seconds
        self._drain_seconds = drain_seconds
        self._kinds: dict[str, Kind] = {}
        self._held: set[Job] = set()
        self._calling: dict[Job, asyncio.Task[Outcome]] = {}
        self._running: dict[Job, asyncio.Task[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def job(
        self,
        kind: str,
        *,
        schema: dict[str, Any] | None = None,
        result_schema: dict[str, Any] | None = None,
        description: str | None = None,
    ) -> Callable[[Function], Function]:
        """Let a function do jobs of a kind: it takes the `Job`, and returns what becomes JSON.

        An asynchronous function runs in the event loop, a plain one in a thread. The kind is
        registered when the worker starts; without a schema, one that is known stays as it is.

        Args:
            schema: the JSON Schema of what it takes; any object without one.
            result_schema: the JSON Schema of what it gives; anything without one.

        Raises: ValueError if another function does jobs of this kind.
        """

        def register(function: Function) -> Function:
            if kind in self._kinds:
                raise ValueError(f"{kind} has a function already: {self._kinds[kind].function!r}")
            told = description or inspect.getdoc(function) or kind
            self._kinds[kind] = Kind(function, told[:1000], schema, result_schema)
            return function

        return register

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a second one does not wait for running jobs.

        In another thread than the main one, which alone gets signals, work until `stop` is called.

        Raises: APIError if the service refuses this worker.
        """
        asyncio.run(self._run_until_signal())

    def stop(self) -> None:
        """Let `run` end soon; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def run_async(self) -> None:
        """Work until `stop` is called.

        Raises: APIError if the service refuses this worker.
        """
        if self._settings.api_key is None:
            log.warning("No API key is set: put one into PRAZIUM_API_KEY, or give a client.")
        self._loop = asyncio.get_running_loop()
        self._threads = Threads(self._concurrency)
        self._calls = Calls(self._settings)
        self._heart = Heart(self._settings, self._lease_seconds, self._jobs, self._lost)
        self._reports = Reports(self._calls, self._jobs, self._ended)
        try:
            await self._until_stopped(self._register())
            await self._work()
        finally:
            self._heart.stop()
            self._threads.close()
            await self._calls.aclose()

    async def _run_until_signal(self) -> None:
        with signals(self._on_signal):
            await self.run_async()

    def _on_signal(self) -> None:
        if self._stopping.is_set():
            self._drain_seconds = 0.0
            self._interrupt_all()
        self._stopping.set()

    async def _register(self) -> None:
        for name, kind in self._kinds.items():
            if kind.schema is None and await self._is_known(name):
                continue
            body = {"description": kind.description, "inputSchema": kind.schema or ANY}
            if kind.result_schema is not None:
                body["resultSchema"] = kind.result_schema
            await self._calls.persist("PUT", f"/worker/kinds/{name}", encoded(body))

    async def _is_known(self, name: str) -> bool:
        try:
            await self._calls.persist("GET", f"/worker/kinds/{name}")
        except APIError as error:
            if error.status not in (403, 404):
                raise
            return False
        return True

    async def _work(self) -> None:
        """Claim until this is to stop; then end what can be ended, and hand back the rest."""
        self._heart.start()
        helpers = [asyncio.create_task(self._reports.run())]
        helpers.append(asyncio.create_task(self._reports.tell_all()))
        try:
            await self._until_stopped(self._claim_all())
        finally:
            await self._drain()
            for helper in helpers:
                helper.cancel()

    async def _until_stopped(self, work: Awaitable[None]) -> None:
        """Do it, or as much of it as there is time for. Raises: what it raises."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if self._stopping.is_set():
                await asyncio.wait({working}, timeout=ANSWER_S)
            working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    async def _claim_all(self) -> None:
        while not self._stopping.is_set():
            self._room.clear()
            room = self._concurrency - len(self._running)
            if room <= 0:
                await self._room.wait()
                continue
            data = await self._claim(min(room, MOST_CLAIMED))
            for job in data["jobs"]:
                self._start(job_of(job))
            if not data["jobs"]:
                await asyncio.sleep(0.05)  # a service that ends answers at once

    async def _claim(self, limit: int) -> Any:
        """Up to so many jobs. When an answer is lost, the next request says what has arrived."""
        wanted, pauses = self._wanted(limit), Pauses()
        while True:
            try:
                return await self._calls.send("POST", "/worker/claim", encoded(wanted), WAIT)
            except PraziumError as error:
                if not passes(error):
                    raise
                log.warning("No jobs can be claimed: %s", error)
            await asyncio.sleep(pauses.next())
            wanted |= self._holds()

    def _wanted(self, limit: int) -> dict[str, Any]:
        return {
            "queues": self._queues,
            "kinds": list(self._kinds),
            "limit": limit,
            "waitSeconds": WAIT,
            "leaseSeconds": self._lease_seconds,
            "name": self._name,
            "workerId": self._heart.worker_id,
        }

    def _holds(self) -> dict[str, Any]:
        """Which jobs arrived; nothing if they are too many, as those left out would be freed."""
        held = [job.id for job in self._jobs()]
        return {"holds": held} if len(held) <= MOST_HELD else {}

    def _start(self, job: Job) -> None:
        self._held.add(job)
        self._idle.clear()
        calling = asyncio.create_task(self._call(job), name=job.id)
        self._calling[job] = calling
        running = asyncio.create_task(self._perform(job, calling))
        self._running[job] = running
        running.add_done_callback(lambda _: self._stopped(job))

    def _stopped(self, job: Job) -> None:
        del self._running[job], self._calling[job]
        self._room.set()
        self._note_idle()

    def _ended(self, job: Job) -> None:
        self._held.discard(job)
        self._note_idle()

    def _note_idle(self) -> None:
        if not self._running and not self._held:
            self._idle.set()

    def _jobs(self) -> list[Job]:
        return list(self._held)

    async def _call(self, job: Job) -> Outcome:
        kind = self._kinds[job.kind]
        if kind.is_async:
            return await awaited_outcome(kind.function, job)
        return await self._threads.run(outcome_of, kind.function, job)

    async def _perform(self, job: Job, calling: "asyncio.Task[Outcome]") -> None:
        """Report what comes of the function; a job about which that fails is held no longer."""
        outcome = await outcome_in(calling)
        try:
            if job in self._held:
                await self._report(job, outcome)
        except Exception as error:
            log.exception("What came of %s could not be reported.", job.id)
            await self._reports.failed(job, failure_of(error))

    async def _report(self, job: Job, outcome: Outcome) -> None:
        if isinstance(outcome, bytes):
            await self._reports.tell(job)
            self._reports.succeeded(job, outcome)
        elif isinstance(outcome, asyncio.CancelledError) and was_told_to_end(job):
            await self._reports.released(job)
        else:
            await self._failed(job, outcome)

    async def _failed(self, job: Job, error: BaseException) -> None:
        if not isinstance(error, (Fail, RetryLater)):
            log.error("%s, a job of kind %s, failed.", job.id, job.kind, exc_info=error)
            job.log(trace_of(error), "error")
        await self._reports.failed(job, failure_of(error))

    def _lost(self, job: Job) -> None:
        """Called by the heart's thread: the job is someone else's, or cancelled."""
        job.cancelled.set()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._let_go, job)

    def _let_go(self, job: Job) -> None:
        """What the function still does is thrown away; an asynchronous one is cancelled."""
        self._ended(job)
        if self._kinds[job.kind].is_async and job in self._calling:
            self._calling[job].cancel()

    def _interrupt_all(self) -> None:
        """End the functions that run; what is said of those that have ended is not cut off."""
        for job, calling in self._calling.items():
            if not calling.done():
                job.cancelled.set()
                calling.cancel()

    async def _drain(self) -> None:
        """Give running jobs a moment, then stop them; what has no result is handed back."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=self._drain_seconds)
        self._interrupt_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._release_stubborn()
                await self._idle.wait()

    async def _release_stubborn(self) -> None:
        """Hand back what functions work on that go on after they were cancelled."""
        calling = dict(self._calling)
        if calling:
            await asyncio.wait(calling.values(), timeout=GOING_S)
        for job, call in calling.items():
            if job in self._held and not call.done():
                await self._reports.released(job)


def was_told_to_end(job: Job) -> bool:
    """Whether a cancellation is ours or the end of the loop, and not from inside the function."""
    running = asyncio.current_task()
    return job.cancelled.is_set() or (running is not None and running.cancelling() > 0)


@contextlib.contextmanager
def signals(handler: Callable[[], None]) -> Iterator[None]:
    """Call the handler at each signal to end, for as long as this block lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(handler))
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
