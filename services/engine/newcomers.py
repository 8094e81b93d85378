"""The last slots of a worker are for tenants that have none of them.

Fairness in the order of claims is not enough where jobs take long: whoever came first would hold
all slots until they end, and others would wait for that.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

import msgspec
import structlog

from db.queries import load
from services.context import App, system_transaction
from services.errors import Unavailable

log = structlog.get_logger()
sql = load("engine")

MOST_KEPT = 16
LEARN_S = 1.0
SHARE = 0.3
"""While only those slots are left, it is looked for newcomers for so much of the time at most."""
MOST_REST_S = 1.0
"""A look that a stop of the process or the database made long says nothing of what it costs."""


class Room(msgspec.Struct, frozen=True):
    """So many slots are free; anybody may have those that are open."""

    slots: int
    open: int

    @property
    def keeps(self) -> bool:
        """Whether some are for newcomers alone."""
        return self.open < self.slots

    @property
    def alone(self) -> bool:
        """Whether all are."""
        return self.slots > 0 and not self.open


class Newcomers:
    """How many slots are kept for tenants that have none: an eighth, at least one of four or more.

    None are kept where all lanes that the worker serves are known to be of one tenant.
    """

    def __init__(self, app: App, slots: int, kinds: list[str], queues: list[str] | None) -> None:
        self._app = app
        self._served = {"kinds": kinds, "queues": queues}
        self._kept = min(max(slots // 8, 1), MOST_KEPT) if slots >= 4 else 0
        self._several = True
        self._look_from = 0.0

    async def follow(self, wake: Callable[[], None]) -> None:
        """Ask again and again whether there are several tenants; wake who has more room now."""
        while self._kept:
            before = self._several
            try:
                async with system_transaction(self._app) as tx:
                    self._several = await tx.value(sql.has_several_tenants, **self._served)
            except Unavailable:
                log.warning("worker.database_unavailable")
            except Exception as error:
                log.error("worker.tenants_not_counted", exc_info=error)
            if before and not self._several:
                wake()
            await asyncio.sleep(LEARN_S)

    def room(self, free: int, most: int) -> Room:
        """The room for one claim, of so many at most."""
        open_slots = max(free - self._kept, 0) if self._several else free
        return Room(min(free, most), min(open_slots, most))

    def rest_s(self) -> float:
        """How long not to look for newcomers alone."""
        return max(self._look_from - monotonic(), 0.0)

    def looked(self, began: float) -> None:
        """Newcomers alone have been looked for, since `began`."""
        now = monotonic()
        self._look_from = now + min((now - began) * (1 - SHARE) / SHARE, MOST_REST_S)
