"""One attempt at one task: run its function, record what came of it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog

from services.context import Actor, App, new_id
from services.engine import claim
from services.engine.claim import Lease, LeaseLost, TaskContext, TaskRow
from services.engine.complete import complete_task, fail_task
from services.engine.graph import waits
from services.engine.kind import Completion, Kinds, TaskFunction
from services.engine.recording import Follower, Recorder
from services.engine.retry import Record, TaskFailed, TaskOptions
from services.engine.watching import watched
from services.errors import DatabaseAway, PraziumError, Unavailable

log = structlog.get_logger()

RECORD_TRIES = 20
RECORD_PAUSE_S = 0.5
MOST_GIVEN_BACK = 50
ROUND = 1024
"""Tokens count from a multiple of this, a higher one each time that a run is begun anew."""


class Attempts:
    """What the attempts of one worker share."""

    def __init__(self, app: App, kinds: Kinds, worker_id: str, follower: Follower) -> None:
        self._app = app
        self._kinds = kinds
        self._worker_id = worker_id
        self._room = asyncio.Semaphore(max(app.settings.pool_size // 2, 1))
        self._functions = functions_of(kinds, self._room)
        self._recorder = Recorder(app, kinds, follower)
        self.recording: set[tuple[str, int]] = set()
        """Tasks whose functions have ended: whether the lease holds, their record finds out."""

    @property
    def kinds(self) -> list[str]:
        """The kinds of tasks that there are functions for."""
        return sorted(self._functions)

    @property
    def taking(self) -> bool:
        """Whether tasks are being taken now that are not worked on yet."""
        return self._recorder.taking > 0

    async def work(self, lease: Lease, task: TaskRow) -> None:
        """Whatever happens is recorded, or the lease runs out.

        The heartbeat does not extend the lease of a task that has ended here.
        """
        actor = Actor(lease.tenant_id, self._worker_id, kind="worker")
        ctx = TaskContext(self._app, actor, task.request_id or new_id("req"), lease)
        with watched(self._app, task, ctx.request_id) as attempt:
            try:
                done = await self._attempt(ctx, task)
                attempt.outcome = "done" if done else "failed"
            except LeaseLost:
                log.info("task.lease_lost")
            except DatabaseAway:
                await self._give_back(ctx)
            except Unavailable:
                log.warning("task.not_recorded")
            except Exception as error:
                log.error("task.not_recorded", exc_info=error)
            finally:
                self.recording.discard(lease.key)

    async def give_up(self, lease: Lease, error: Exception) -> None:
        """Fail a task of which no more is known than its lease.

        Raises: LeaseLost, Unavailable.
        """
        ctx = TaskContext(
            self._app, Actor(lease.tenant_id, self._worker_id, kind="worker"), new_id("req"), lease
        )
        failed = TaskFailed(as_failure(error).failure.code, "The task cannot be begun.")
        await recorded(ctx, lambda tx: fail_task(tx, self._kinds, unread(lease), failed))

    async def _attempt(self, ctx: TaskContext, task: TaskRow) -> bool:
        """Run the function outside any transaction; record whether it succeeded."""
        try:
            if (refusal := task.refusal) is not None:
                raise refusal
            done = await self._functions[task.kind](ctx, task)
            self.recording.add(ctx.lease.key)
            await self._complete(ctx, task, done)
        except LeaseLost:
            raise
        except Exception as error:
            if isinstance(error, DatabaseAway) and may_be_given_back(ctx.lease):
                raise
            failed = as_failure(error)
            self.recording.add(ctx.lease.key)
            async with self._room:  # those of one run wait for each other, each with a connection
                await recorded(ctx, lambda tx: fail_task(tx, self._kinds, task, failed))
            return False
        return True

    async def _complete(self, ctx: TaskContext, task: TaskRow, done: Completion) -> None:
        if done.record is None:
            await persisting(lambda: self._recorder.record(ctx.lease, task, done.result))
        else:
            await recorded(ctx, lambda tx: complete_task(tx, self._kinds, task, done))

    async def _give_back(self, ctx: TaskContext) -> None:
        """Hand an attempt back that failed for want of the database."""
        lease = ctx.lease
        with contextlib.suppress(LeaseLost):
            await recorded(ctx, lambda tx: claim.give_back(tx, [lease]))
            log.warning("task.given_back")


def unread(lease: Lease) -> TaskRow:
    """A task of a graph as far as its lease tells."""
    return TaskRow(
        id=lease.task_id,
        run_id=lease.run_id,
        kind=lease.kind,
        slug="",
        sequence=0,
        definition=msgspec.Raw(b"null"),
        branch_name=None,
        attempt=lease.attempt,
        max_attempts=lease.attempt,
        lease_token=lease.lease_token,
        interrupted=False,
        options=TaskOptions(),
        solo=False,
        request_id=None,
        traceparent=None,
        tracestate=None,
    )


def may_be_given_back(lease: Lease) -> bool:
    """Whether an outage may still excuse this task: one that finds no end is the task's own."""
    return lease.lease_token % ROUND - lease.attempt < MOST_GIVEN_BACK


async def recorded(ctx: TaskContext, write: Record) -> None:
    """Write in one fenced transaction, over again for as long as the database is away.

    A commit whose answer was lost is not repeated: the lease that it ended is missing then.
    Raises: LeaseLost, Unavailable.
    """

    async def once() -> None:
        async with ctx.transaction() as tx:
            await write(tx)

    await persisting(once)


async def persisting(write: Callable[[], Awaitable[None]]) -> None:
    """Write, over again for as long as the database is away.

    Raises: Unavailable after RECORD_TRIES at a database that is there but busy.
    """
    tries_left = RECORD_TRIES
    while True:
        try:
            return await write()
        except DatabaseAway:
            pass
        except Unavailable:
            tries_left -= 1
            if not tries_left:
                raise
        await asyncio.sleep(RECORD_PAUSE_S)


def functions_of(kinds: Kinds, room: asyncio.Semaphore) -> Mapping[str, TaskFunction]:
    """Every task function by its full name, `kind.name`, and the engine's own, who need room."""
    return {
        f"{kind}.{name}": function
        for kind, contributed in kinds.items()
        for name, function in contributed.functions.items()
    } | dict(waits.functions(kinds, room))


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
