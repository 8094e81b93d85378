"""Answers of reads, kept per tenant until something is written there.

Each tenant has a generation that changes with every write. A kept answer is good while its tenant's
generation is the one it was read under, so that nothing is ever searched for or deleted. The
generations lie in memory that processes forked from one share: what one has written is seen by the
others at once. Other hosts hear of it by a hint, a few milliseconds later.
"""

import hashlib
import itertools
import mmap
import os
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")

SLOTS = 65_536
TTL_S = 5.0
"""How long an answer is kept at most; what changes with time alone is late by no more."""
MAX_ENTRY = 256 * 1024
OVERHEAD = 500
"""About what an entry costs beside its content, in bytes."""


def etag_of(content: bytes) -> str:
    """A strong validator: the same bytes, the same tag (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


class Generations:
    """A number per tenant that every write changes; shared with processes forked later.

    Two tenants may share a slot; then a write of one costs the other a miss.
    """

    def __init__(self) -> None:
        self._slots = memoryview(mmap.mmap(-1, SLOTS * 8)).cast("Q")
        self._fresh = itertools.count(1)

    def of(self, tenant_id: str) -> int:
        """The tenant's generation now."""
        return self._slots[slot(tenant_id)]

    def change(self, tenant_id: str) -> None:
        """Something was written; the number is one that no process has used before."""
        self._slots[slot(tenant_id)] = os.getpid() << 40 | next(self._fresh)

    def change_all(self) -> None:
        """Anything may have been written."""
        number = os.getpid() << 40 | next(self._fresh)
        for place in range(SLOTS):
            self._slots[place] = number


def slot(tenant_id: str) -> int:
    """Where a tenant's number lies; the same in every process."""
    return zlib.crc32(tenant_id.encode()) % SLOTS


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer, the generation it was read under, and until when it is kept."""

    content: bytes
    etag: str
    generation: int
    until: float


class Cache:
    """The answers that one process keeps; the least used go first.

    It follows the hints of topic `tenant`. While they cannot be heard, nothing is kept.
    """

    def __init__(self, generations: Generations, max_bytes: int) -> None:
        self.trusted = False
        self._generations = generations
        self._entries: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self._free = max_bytes

    def generation(self, tenant_id: str) -> int:
        """What to note before a read whose answer is to be kept."""
        return self._generations.of(tenant_id)

    def get(self, tenant_id: str, key: str) -> Entry | None:
        """The kept answer, if it still is the right one."""
        place = (tenant_id, key)
        entry = self._entries.get(place)
        if entry is None:
            return None
        current = self._generations.of(tenant_id) == entry.generation
        if not (self.trusted and current and time.monotonic() < entry.until):
            self._drop(place)
            return None
        self._entries.move_to_end(place)
        return entry

    def put(self, tenant_id: str, key: str, generation: int, content: bytes) -> Entry:
        """Keep an answer that was read under a generation, and tag it."""
        entry = Entry(content, etag_of(content), generation, time.monotonic() + TTL_S)
        if self.trusted and len(content) <= MAX_ENTRY:
            place = (tenant_id, key)
            self._drop(place)
            self._entries[place] = entry
            self._free -= len(content) + OVERHEAD
            while self._free < 0 and self._entries:
                self._drop(next(iter(self._entries)))
        return entry

    def heard(self, tenant_id: str) -> None:
        """Something was written in a tenant."""
        self._generations.change(tenant_id)

    def lost(self) -> None:
        """Writes of others are not heard of any more."""
        self.trusted = False

    def regained(self) -> None:
        """Writes are heard of again; those in between were missed."""
        self._generations.change_all()
        self.trusted = True

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._free += len(entry.content) + OVERHEAD


class Recent(Generic[V]):
    """What was looked up lately, by a key of bytes, for seconds or until a hint takes it back."""

    def __init__(self, ttl_s: float, size: int) -> None:
        self._ttl_s = ttl_s
        self._size = size
        self._found: dict[bytes, tuple[V, float]] = {}

    def get(self, key: bytes) -> V | None:
        """What was found, unless that is too long ago."""
        found = self._found.get(key)
        return found[0] if found is not None and time.monotonic() < found[1] else None

    def put(self, key: bytes, value: V) -> None:
        """Remember what was found."""
        if len(self._found) >= self._size:
            self._found.clear()
        self._found[key] = (value, time.monotonic() + self._ttl_s)

    def heard(self, key: str) -> None:
        """It has changed; the key as hexadecimal digits."""
        self._found.pop(bytes.fromhex(key), None)

    def lost(self) -> None:
        """The lifetime alone bounds how old an answer is."""

    def regained(self) -> None:
        """Changes were missed."""
        self._found.clear()
