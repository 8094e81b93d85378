"""Lanes: what claims are made from, and where in each of them free tasks begin."""

import hashlib
import time
from collections import OrderedDict

import msgspec

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
        self._used = [now for _ in LEVELS_S]

    def taken(self, lane: int, n: int) -> None:
        """Everything before and up to this number was claimed, or seen to be held by others."""
        self._newest[lane] = max(n + 1, self._newest.get(lane, 0))
        self._newest.move_to_end(lane)
        if len(self._newest) > MOST_HEADS:
            self._newest.popitem(last=False)

    def heads(self) -> dict[int, int]:
        """The head of each lane for a claim that is made now."""
        now = time.monotonic()
        for level, age in enumerate(LEVELS_S):
            if now - self._turned[level] >= age:
                self._settled[level] = self._pending[level]
                self._pending[level] = dict(self._newest)
                self._turned[level] = now
        level = max(i for i, every in enumerate(TURNS_S) if now - self._used[i] >= every)
        self._used[level] = now
        return self._settled[level]
