"""Successes of one worker, recorded many at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

from services.context import App, tenant_transaction
from services.engine.claim import Lease, LeaseLost, TaskRow
from services.engine.complete import Finished, Success, Taker, finish
from services.engine.kind import Kinds
from services.errors import DatabaseAway, Unavailable

MOST = 800
WRITERS = 2
"""So many transactions of a tenant record at a time, another one once a batch waits for it."""

Waiting = list[tuple[Lease, Success, "asyncio.Future[None]"]]


class Follower(Protocol):
    """A worker that goes on with what follows its tasks."""

    def taker(self) -> Taker | None:
        """As whom it takes tasks, if it does now."""

    def goes_on(self, lease: Lease) -> bool:
        """Whether the task of this lease may be followed by another in the same slot."""

    def start(self, lease: Lease, task: TaskRow) -> None:
        """Work on a task that it has taken, and that has begun."""

    def doubt(self) -> None:
        """Nobody knows what it has taken: the answer to a commit was lost."""


class Recorder:
    """Writes, for each tenant, all that has ended while the last were written."""

    def __init__(self, app: App, kinds: Kinds, follower: Follower) -> None:
        self._app = app
        self._kinds = kinds
        self._follower = follower
        self._waiting: defaultdict[str, Waiting] = defaultdict(list)
        self._writers: defaultdict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self.taking = 0
        """Transactions under way in which tasks may be taken."""

    async def record(self, lease: Lease, task: TaskRow, result: Any) -> None:
        """Record one success.

        Raises: LeaseLost, Unavailable.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        success = Success(task, result, self._follower.goes_on(lease), lease.since)
        waiting, writers = self._waiting[lease.tenant_id], self._writers[lease.tenant_id]
        waiting.append((lease, success, future))
        if not writers or (len(waiting) >= MOST and len(writers) < WRITERS):
            writers.add(asyncio.create_task(self._write(lease.tenant_id)))
        await future

    async def _write(self, tenant_id: str) -> None:
        waiting, writers = self._waiting[tenant_id], self._writers[tenant_id]
        while waiting:
            batch = waiting[:MOST]
            del waiting[:MOST]
            await self._settle(tenant_id, batch)
        writers.discard(asyncio.current_task())
        if not writers:
            del self._writers[tenant_id], self._waiting[tenant_id]

    async def _settle(self, tenant_id: str, batch: Waiting) -> None:
        """Write a batch and tell everyone; what cannot be stored must not stop the others."""
        try:
            finished = await self._finish(tenant_id, batch)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, DatabaseAway | Unavailable):
                told = error
                tell(batch, lambda _: told)
                return
            for one in batch:
                await self._settle(tenant_id, [one])
            return
        held = {one.task_id for one in finished}
        tell(batch, lambda task_id: None if task_id in held else LeaseLost(task_id))

    async def _finish(self, tenant_id: str, batch: Waiting) -> list[Finished]:
        """Write a batch in one transaction, and go on with what was taken in it."""
        taker = self._follower.taker()
        self.taking += taker is not None
        try:
            async with tenant_transaction(self._app, tenant_id) as tx:
                done = [success for _, success, _ in batch]
                finished = await finish(tx, self._kinds, done, taker)
            since = {lease.run_id: lease.since for lease, _, _ in batch}
            for task in [task for one in finished for task in one.next or ()]:
                lease = lease_of(tenant_id, task, since[task.run_id])
                self._follower.start(lease, task.resolved())
            return finished
        except DatabaseAway:
            self._follower.doubt()
            raise
        finally:
            self.taking -= taker is not None


def lease_of(tenant_id: str, task: TaskRow, since: float) -> Lease:
    """The lease of a task that was taken."""
    return Lease(
        tenant_id, task.run_id, task.id, task.attempt, task.lease_token, kind=task.kind, since=since
    )


def tell(batch: Waiting, error_of: Callable[[str], Exception | None]) -> None:
    """Tell those that still wait how it ended."""
    for _, success, future in batch:
        error = error_of(success.task.id)
        if future.done():
            continue  # its task was cancelled meanwhile
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
