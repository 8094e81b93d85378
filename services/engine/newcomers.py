"""The last slots of a worker are for tenants that have none of them.

Fairness in the order of claims is not enough where jobs take long: whoever came first would hold
all slots until they end, and others would wait for that.
"""

from time import monotonic

import msgspec

from db.queries import load
from services.context import App, system_transaction

sql = load("engine")

MOST_KEPT = 16
LOOK_S = 0.2
"""While only those slots are left, it is looked so often whether somebody needs one."""
SHARE = 0.3
"""Told that there is something, it is looked sooner, for so much of the time at most."""


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

    None are kept where all the work there has ever been is known to be of one tenant.
    """

    def __init__(self, slots: int) -> None:
        self._kept = min(max(slots // 8, 1), MOST_KEPT) if slots >= 4 else 0
        self._several = True
        self._look_from = 0.0

    async def learn(self, app: App, kinds: list[str], queues: list[str] | None) -> None:
        """Find out whether there are several tenants.

        Raises: Unavailable.
        """
        if self._kept:
            async with system_transaction(app) as tx:
                self._several = await tx.value(sql.has_several_tenants, kinds=kinds, queues=queues)

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
        self._look_from = now + min((now - began) / SHARE, LOOK_S)
