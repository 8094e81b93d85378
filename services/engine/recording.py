"""Successes of one worker, recorded many at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from services.context import App, tenant_transaction
from services.engine.claim import LeaseLost, TaskRow
from services.engine.complete import Success, finish
from services.engine.kind import Kinds
from services.errors import DatabaseAway, Unavailable

MOST = 200

Waiting = list[tuple[Success, "asyncio.Future[None]"]]


class Recorder:
    """Writes, for each tenant, all that has ended while the last were written."""

    def __init__(self, app: App, kinds: Kinds) -> None:
        self._app = app
        self._kinds = kinds
        self._waiting: defaultdict[str, Waiting] = defaultdict(list)
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def record(self, tenant_id: str, task: TaskRow, result: Any) -> None:
        """Record one success.

        Raises: LeaseLost, Unavailable.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[tenant_id].append((Success(task, result), future))
        if tenant_id not in self._writers:
            self._writers[tenant_id] = asyncio.create_task(self._write(tenant_id))
        await future

    async def _write(self, tenant_id: str) -> None:
        waiting = self._waiting[tenant_id]
        while waiting:
            batch = waiting[:MOST]
            del waiting[:MOST]
            await self._settle(tenant_id, batch)
        del self._writers[tenant_id], self._waiting[tenant_id]

    async def _settle(self, tenant_id: str, batch: Waiting) -> None:
        """Write a batch and tell everyone; what cannot be stored must not stop the others."""
        try:
            async with tenant_transaction(self._app, tenant_id) as tx:
                held = await finish(tx, self._kinds, [success for success, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, DatabaseAway | Unavailable):
                told = error
                tell(batch, lambda _: told)
                return
            for one in batch:
                await self._settle(tenant_id, [one])
            return
        tell(batch, lambda task_id: None if task_id in held else LeaseLost(task_id))


def tell(batch: Waiting, error_of: Callable[[str], Exception | None]) -> None:
    """Tell those that still wait how it ended."""
    for success, future in batch:
        error = error_of(success.task.id)
        if future.done():
            continue  # its task was cancelled meanwhile
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
