"""Lanes: what claims are made from, and where in each of them free tasks begin."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from db.pool import Transaction, id_array, records
from db.queries import load

sql = load("engine")

OWN_QUEUE = "_own"
"""The queue of what the product itself does; no customer's queue can have this name."""
LEVELS_S = (0.2, 5.0, 120.0)
TURNS_S = (0.0, 1.0, 30.0)
MOST_HEADS = 500
"""Every claim sends so many; in other lanes, it begins at the beginning."""


class Lane(msgspec.Struct, frozen=True):
    """Tasks of one kind and priority in one queue of a tenant."""

    tenant_id: str
    queue: str
    kind: str
    priority: int = 0

    @property
    def id(self) -> int:
        """The first 64 bits of a SHA-256 over the rest: the same in every process."""
        text = f"{self.tenant_id}/{self.queue}/{self.kind}/{self.priority}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


async def make(tx: Transaction, lanes: Iterable[Lane]) -> None:
    """Make sure that tasks can be queued there, now and later.

    Raises: the domain error of a tenant that has too many queues or lanes.
    """
    rows = [{"id": lane.id, **msgspec.structs.asdict(lane)} for lane in lanes]
    await tx.run(sql.make_lanes, lanes=records(rows))


async def restore(tx: Transaction, run_ids: Iterable[str]) -> None:
    """Make sure that tasks of these runs can be queued once more.

    Raises: the domain error of a tenant that has too many queues or lanes.
    """
    await tx.run(sql.keep_queues)
    await tx.run(sql.restore_lanes, run_ids=id_array(run_ids))


class Heads:
    """Where the first free task of a lane can be at the earliest.

    Rows that were claimed stay in the index until no transaction can see them; to walk over them at
    every claim would make claims as slow as the oldest transaction is old. A number that was given
    early can become visible late, though: so a head holds only after a while (LEVELS_S), a
    longer while is gone back now and then (TURNS_S), and a new process begins at the beginning.
    Only the heads of the lanes are kept that were taken from last.
    """

    def __init__(self) -> None:
        now = time.monotonic()
        self._newest: OrderedDict[int, int] = OrderedDict()
        self._pending: list[dict[int, int]] = [{} for _ in LEVELS_S]
        self._settled: list[dict[int, int]] = [{} for _ in LEVELS_S]
        self._turned = [now for _ in LEVELS_S]
        self._used = {alone: [now for _ in LEVELS_S] for alone in (False, True)}

    def taken(self, lane: int, n: int) -> None:
        """Everything before and up to this number was claimed, or seen to be held by others."""
        self._newest[lane] = max(n + 1, self._newest.get(lane, 0))
        self._newest.move_to_end(lane)
        if len(self._newest) > MOST_HEADS:
            self._newest.popitem(last=False)

    def heads(self, *, for_newcomers: bool = False) -> dict[int, int]:
        """The head of each lane for a claim that is made now.

        Claims for newcomers alone go back by themselves, as they do not see the lanes of others.
        """
        now = time.monotonic()
        for level, age in enumerate(LEVELS_S):
            if now - self._turned[level] >= age:
                self._settled[level] = self._pending[level]
                self._pending[level] = dict(self._newest)
                self._turned[level] = now
        used = self._used[for_newcomers]
        level = max(i for i, every in enumerate(TURNS_S) if now - used[i] >= every)
        used[level] = now
        return self._settled[level]
