"""Answers of reads, kept per tenant until something is written there.

Each tenant has a generation that changes with every write. A kept answer is good while its tenant's
generation is the one it was read under, so that nothing is ever searched for or deleted. The
generations lie in memory that processes forked from one share: what one has written is seen by the
others at once. Other hosts hear of it by a hint, a few milliseconds later.

A second level is shared by all hosts, if there is one: it has generations of its own, which a write
changes before it is answered (docs/decisions/0020).
"""

import hashlib
import itertools
import mmap
import os
import struct
import time
import zlib
from collections import OrderedDict, defaultdict
from typing import Literal, Protocol

import msgspec

SLOTS = 65_536
TTL_S = 5.0
"""How long an answer is kept at most; what changes with time alone is late by no more."""
SKEW_S = 1.0
"""An answer of the second level that is from so far in the future is refused."""
MAX_ENTRY = 256 * 1024
OVERHEAD = 500
"""About what an entry costs beside its content, in bytes."""
HEAD = struct.Struct("<16s16sd")
"""Before an entry's content in the second level: its place, its generation, when it was read."""

Level = Literal["process", "shared"]
Outcome = Literal["hit", "miss", "away"]


def etag_of(content: bytes) -> str:
    """A strong validator: the same bytes, the same tag (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class Generations:
    """A number per tenant that every write changes; shared with processes forked later.

    Two tenants may share a slot; then a write of one costs the other a miss.
    """

    def __init__(self) -> None:
        self._slots = memoryview(mmap.mmap(-1, SLOTS * 8)).cast("Q")
        self._apart = memoryview(mmap.mmap(-1, SLOTS * 8)).cast("d")
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

    def keep_apart(self, tenant_id: str, seconds: float) -> None:
        """Let no process of this machine ask the second level for the tenant's answers for so long.

        `time.monotonic` counts alike in all of them.
        """
        self._apart[slot(tenant_id)] = time.monotonic() + seconds

    def is_apart(self, tenant_id: str) -> bool:
        """Whether the second level may still have an answer from before the tenant's last write."""
        return time.monotonic() < self._apart[slot(tenant_id)]


def slot(tenant_id: str) -> int:
    """Where a tenant's number lies; the same in every process."""
    return zlib.crc32(tenant_id.encode()) % SLOTS


class Entry(msgspec.Struct, frozen=True):
    """An answer, the generation it was read under, and until when it is kept."""

    content: bytes
    etag: str
    generation: int
    until: float


class Note(msgspec.Struct, frozen=True):
    """What is noted before a read so that its answer can be kept, and what the second level has.

    Attributes:
        generation: the tenant's in this machine's memory.
        began: when, by `time.monotonic`.
        place: the answer's in the second level.
        shared: the tenant's generation there; None if the answer is not to be kept there.
        found: the answer, if the second level had it.
    """

    tenant_id: str
    key: str
    generation: int
    began: float
    place: bytes = b""
    shared: bytes | None = None
    found: Entry | None = None


class Shared(Protocol):
    """A second level. Nothing of it raises, or lets a request wait for long."""

    refuses: bool
    """Whether it takes nothing new."""

    async def open(self) -> None:
        """Connect, if that can be done at once; else go on trying in the background."""

    async def close(self) -> None:
        """Finish what is on its way, and disconnect."""

    async def fetch(self, tenant_id: str, place: bytes) -> tuple[bytes | None, bytes | None] | None:
        """The tenant's generation, a new one if there was none, and the entry; None if it is away.

        The generation is None if it could not be made, or was by someone else in this moment.
        """

    def store(self, tenant_id: str, place: bytes, entry: bytes, seconds: float) -> None:
        """Keep an entry for so long; in the background."""

    async def change(self, tenant_id: str) -> bool:
        """Give the tenant a new random generation, or none; whether that was done for sure."""

    async def answers(self) -> bool:
        """Whether it can be reached."""


class Cache:
    """The answers that one process keeps; the least used go first.

    It follows the hints of topic `tenant`. While they cannot be heard, nothing is kept here; the
    second level needs no hints.
    """

    def __init__(
        self, generations: Generations, max_bytes: int, shared: Shared | None = None
    ) -> None:
        self.trusted = False
        self.shared = shared
        self.keeps = max_bytes > 0 or shared is not None
        """Whether there is room for anything at all."""
        self.counts: defaultdict[tuple[Level, Outcome], int] = defaultdict(int)
        self._generations = generations
        self._entries: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self._free = max_bytes

    def get(self, tenant_id: str, key: str) -> Entry | None:
        """The answer that this process keeps, if it still is the right one."""
        place = (tenant_id, key)
        entry = self._entries.get(place)
        if entry is None:
            self.counts["process", "miss"] += 1
            return None
        current = self._generations.of(tenant_id) == entry.generation
        if not (self.trusted and current and time.monotonic() < entry.until):
            self._drop(place)
            self.counts["process", "miss"] += 1
            return None
        self._entries.move_to_end(place)
        self.counts["process", "hit"] += 1
        return entry

    async def note(self, tenant_id: str, key: str) -> Note:
        """What to note before a read whose answer is to be kept; it may have been found already."""
        note = Note(tenant_id, key, self._generations.of(tenant_id), time.monotonic())
        if self.shared is None:
            return note
        if self._generations.is_apart(tenant_id):
            self.counts["shared", "away"] += 1
            return note
        return await self._asked(self.shared, note)

    def put(self, note: Note, content: bytes) -> Entry:
        """Keep an answer that was read after the note, here and in the second level, and tag it."""
        entry = Entry(content, etag_of(content), note.generation, note.began + TTL_S)
        if len(content) > MAX_ENTRY:
            return entry
        self._keep(note, entry)
        left = entry.until - time.monotonic()
        if self.shared is not None and note.shared is not None and left > 0:
            self.shared.store(note.tenant_id, note.place, packed(note, content), left)
        return entry

    async def changed(self, tenant_id: str) -> None:
        """Tell the second level of a write: after its commit, before its answer and its hint.

        If that cannot be done for sure, this machine asks there for nothing of the tenant until all
        from before the write has ended. Other hosts may be given that until then.
        """
        if self.shared is None:
            return
        told = False
        try:
            told = await self.shared.change(tenant_id)
        finally:
            if not told:
                self._generations.keep_apart(tenant_id, TTL_S + SKEW_S)

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

    async def _asked(self, shared: Shared, note: Note) -> Note:
        """The note with what the second level says; an answer from there is kept here, too."""
        place = place_of(note.tenant_id, note.key)
        said = await shared.fetch(note.tenant_id, place)
        if said is None:
            self.counts["shared", "away"] += 1
            return note
        generation, data = said
        found = unpacked(data, place, generation, note) if data and generation else None
        self.counts["shared", "hit" if found else "miss"] += 1
        if found is not None:
            self._keep(note, found)
        return msgspec.structs.replace(note, place=place, shared=generation, found=found)

    def _keep(self, note: Note, entry: Entry) -> None:
        if not self.trusted:
            return
        place = (note.tenant_id, note.key)
        self._drop(place)
        self._entries[place] = entry
        self._free -= size_of(place, entry)
        while self._free < 0 and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, place: tuple[str, str]) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._free += size_of(place, entry)


def size_of(place: tuple[str, str], entry: Entry) -> int:
    """About what an entry takes, in bytes: a query may be longer than what it is answered with."""
    return len(place[1]) + len(entry.content) + OVERHEAD


def place_of(tenant_id: str, key: str) -> bytes:
    """Where the second level keeps an answer: 16 bytes, another place for each tenant and key."""
    return hashlib.blake2b(f"{tenant_id} {key}".encode(), digest_size=16).digest()


def packed(note: Note, content: bytes) -> bytes:
    """An answer as the second level keeps it."""
    age = time.monotonic() - note.began
    return HEAD.pack(note.place, note.shared, time.time() - age) + content


def unpacked(data: bytes, place: bytes, generation: bytes, note: Note) -> Entry | None:
    """The answer, if it is the one of this place, read under this generation, and not too old.

    Each is looked at, whatever the server did with what it was sent: a client library that once
    mixes up two connections' answers must not show a tenant those of another.
    """
    if len(data) < HEAD.size:
        return None
    its_place, its_generation, read_at = HEAD.unpack_from(data)
    age = time.time() - read_at
    if its_place != place or its_generation != generation or not -SKEW_S < age < TTL_S:
        return None
    content = data[HEAD.size :]
    return Entry(content, etag_of(content), note.generation, note.began + TTL_S - max(age, 0))
