"""The worker: claims ready tasks, runs their functions, records what they did."""

import asyncio
import contextlib
import time
from collections.abc import Mapping

import structlog

from db.listen import wait
from db.queries import load
from generated.models import TaskStarted
from services.context import Actor, App, new_id
from services.engine import claim, events
from services.engine.claim import Lease, LeaseLost, TaskContext, TaskRow
from services.engine.complete import Kind, TaskFunction, complete_task, fail_task
from services.engine.heartbeat import Heartbeat
from services.engine.retry import Record, TaskFailed
from services.engine.watching import watched
from services.errors import DatabaseAway, PraziumError, Unavailable

sql = load("engine")
log = structlog.get_logger()

POLL_S = 1.0
DRAIN_S = 8.0
RECORD_TRIES = 20
RECORD_PAUSE_S = 0.5
MOST_GIVEN_BACK = 50
RETURN_S = 2.0
"""After an outage, other workers have so long to extend leases that ran out in it."""


class Worker:
    """One process's worker, with room for `concurrency` tasks at a time."""

    def __init__(self, app: App, kinds: Mapping[str, Kind]) -> None:
        self.id = new_id("wrk")
        self._app = app
        self._kinds = kinds
        self._functions = functions_of(kinds)
        self._running: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._claimed_at: dict[tuple[str, int], float] = {}
        self._beat_at = time.monotonic()
        self._claims_from = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what can be finished and hand back the rest."""
        loop = asyncio.get_running_loop()

        def on_beat(held: set[tuple[str, int]], began: float) -> None:
            loop.call_soon_threadsafe(self._on_beat, held, began)

        lease_seconds = self._app.settings.lease_seconds
        heartbeat = Heartbeat(self._app.db.url, self.id, lease_seconds, self._working, on_beat)
        heartbeat.start()
        try:
            with self._app.hints.subscribe("ready", "all") as hint:
                while not stop.is_set():
                    if not await self._claim():
                        await wait_any(stop, hint, POLL_S)
            await self._drain()
        finally:
            await asyncio.to_thread(heartbeat.stop)
            await self._hand_back()

    async def _claim(self) -> bool:
        """Claim as much as there is room for; False if there was no room or nothing to claim."""
        settings = self._app.settings
        room = settings.worker_concurrency - len(self._running)
        if room <= 0 or self._holds_off():
            return False
        try:
            leases = await claim.claim(self._app, self.id, room, settings.lease_seconds)
        except Unavailable:
            log.warning("worker.database_unavailable")
            return False
        except Exception as error:  # whatever it is, the worker stays
            log.error("worker.claim_failed", exc_info=error)
            return False
        for lease in leases:
            self._start(lease)
        return bool(leases)

    async def _hand_back(self) -> None:
        try:
            await claim.hand_back(self._app, self.id)
        except Unavailable:
            log.warning("worker.leases_run_out")

    def _working(self) -> list[str]:
        return [task_id for task_id, _ in list(self._running)]

    def _start(self, lease: Lease) -> None:
        key = (lease.task_id, lease.lease_token)
        task = asyncio.create_task(self._work(lease), name=lease.task_id)
        self._running[key] = task
        self._claimed_at[key] = time.monotonic()
        task.add_done_callback(lambda _: self._forget(key))

    def _forget(self, key: tuple[str, int]) -> None:
        self._running.pop(key, None)
        self._claimed_at.pop(key, None)
        self._app.hints.send([("ready", "all")])

    def _holds_off(self) -> bool:
        """Whether to leave alone what others hold: leases run out while the database is away.

        Without a beat of its own a worker claims nothing, and after a long silence not at once.
        """
        now = time.monotonic()
        return now < self._claims_from or self._is_long(now - self._beat_at)

    def _is_long(self, silence_s: float) -> bool:
        return silence_s > self._app.settings.lease_seconds / 2

    def _on_beat(self, held: set[tuple[str, int]], began: float) -> None:
        """Stop the tasks whose lease the last beat did not find; it cannot see younger ones."""
        now = time.monotonic()
        if self._is_long(now - self._beat_at):
            self._claims_from = now + RETURN_S
        self._beat_at = now
        for key, task in list(self._running.items()):
            if key not in held and self._claimed_at[key] < began and not task.cancelling():
                task.cancel()

    async def _drain(self) -> None:
        """Give running tasks a moment, then stop them; their leases are handed back."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=DRAIN_S)
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _work(self, lease: Lease) -> None:
        """One attempt at one task. Whatever happens is recorded, or the lease runs out.

        The heartbeat does not extend the lease of a task that has ended here.
        """
        actor = Actor(lease.tenant_id, self.id, kind="worker")
        ctx = TaskContext(self._app, actor, lease.request_id or new_id("req"), lease)
        with watched(self._app, lease, ctx.request_id) as attempt:
            try:
                task = await self._begin(ctx)
                done = task is not None and await self._attempt(ctx, task)
                attempt.outcome = "done" if done else "failed"
            except LeaseLost:
                log.info("task.lease_lost")
            except DatabaseAway:
                await self._give_back(ctx)
            except Unavailable:
                log.warning("task.not_recorded")
            except Exception as error:
                log.error("task.not_recorded", exc_info=error)

    async def _give_back(self, ctx: TaskContext) -> None:
        """Hand an attempt back that failed for want of the database."""
        lease = ctx.lease
        with contextlib.suppress(LeaseLost):
            await recorded(ctx, lambda tx: claim.give_back(tx, lease))
            log.warning("task.given_back")

    async def _begin(self, ctx: TaskContext) -> TaskRow | None:
        """Mark the task as running, or fail it if it has outlived too many workers."""
        lease = ctx.lease
        async with ctx.transaction() as tx:
            task = await tx.one(
                sql.start_task, TaskRow, task_id=lease.task_id, attempt=lease.attempt
            )
            await tx.run(sql.start_run, run_id=lease.run_id)
            if lease.attempt > task.max_attempts:
                lost = TaskFailed("WORKER_LOST", f"{task.max_attempts} workers ended in this task.")
                await fail_task(tx, self._kind_of(task), task, lost)
                return None
            started = TaskStarted(slug=task.slug, attempt=lease.attempt)
            await events.record(tx, lease.run_id, started, task_id=task.id)
        return task

    async def _attempt(self, ctx: TaskContext, task: TaskRow) -> bool:
        """Run the function outside any transaction; record in one whether it succeeded."""
        kind = self._kind_of(task)
        try:
            done = await self._functions[task.kind](ctx, task)
            await recorded(ctx, lambda tx: complete_task(tx, kind, task, done))
        except LeaseLost:
            raise
        except Exception as error:
            if isinstance(error, DatabaseAway) and may_be_given_back(ctx.lease):
                raise
            failed = as_failure(error)
            await recorded(ctx, lambda tx: fail_task(tx, kind, task, failed))
            return False
        return True

    def _kind_of(self, task: TaskRow) -> Kind:
        return self._kinds[task.kind.partition(".")[0]]


def may_be_given_back(lease: Lease) -> bool:
    """Whether an outage may still excuse this task: one that finds no end is the task's own."""
    return lease.lease_token - lease.attempt < MOST_GIVEN_BACK


async def recorded(ctx: TaskContext, write: Record) -> None:
    """Write in one fenced transaction, over again for as long as the database is away.

    A commit whose answer was lost is not repeated: the lease that it ended is missing then.
    Raises: LeaseLost, Unavailable after RECORD_TRIES at a database that is there but busy.
    """
    tries_left = RECORD_TRIES
    while True:
        try:
            async with ctx.transaction() as tx:
                await write(tx)
            return
        except DatabaseAway:
            pass
        except Unavailable:
            tries_left -= 1
            if not tries_left:
                raise
        await asyncio.sleep(RECORD_PAUSE_S)


def functions_of(kinds: Mapping[str, Kind]) -> dict[str, TaskFunction]:
    """Every task function by its full name, `kind.name`."""
    return {
        f"{kind}.{name}": function
        for kind, contributed in kinds.items()
        for name, function in contributed.functions.items()
    }


def as_failure(error: Exception) -> TaskFailed:
    """What the customer sees of an exception: their own error, or ours without its inside."""
    if isinstance(error, TaskFailed):
        return error
    if isinstance(error, Unavailable):
        return TaskFailed("SERVICE_UNAVAILABLE", str(error), retryable=True)
    if isinstance(error, PraziumError):
        return TaskFailed(error.code.value, str(error))
    if isinstance(error, OSError):
        log.error("task.storage", error=repr(error))
        return TaskFailed("STORAGE_UNAVAILABLE", "The data folder cannot be used.", retryable=True)
    log.error("task.crashed", exc_info=error)
    return TaskFailed("INTERNAL_ERROR", "The task ended with a fault of ours.", retryable=True)


async def wait_any(stop: asyncio.Event, hint: asyncio.Event, floor_s: float) -> None:
    """Wait for a hint, the stop, or the poll floor."""
    stopping = asyncio.create_task(stop.wait())
    hinted = asyncio.create_task(wait(hint, floor_s))
    _, pending = await asyncio.wait({stopping, hinted}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
