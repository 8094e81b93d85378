"""Tenants and writes against a plain model, in any order: three tenants, two hosts, one server."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    rule,
    run_state_machine_as_test,
)

from services.adapters import redis_cache
from services.adapters.redis_cache import RedisCache
from services.cache import Cache, Generations, Note, place_of
from tests.redis_server import RedisServer

T = TypeVar("T")

HOSTS = st.sampled_from([0, 1])
TENANTS = st.sampled_from(["ten_1", "ten_2", "ten_3"])
KEYS = st.sampled_from(["/projects?", "/projects?page=2"])
MIB = 1024 * 1024


class Loss(Enum):
    """What a server may lose."""

    GENERATION = auto()
    ENTRY = auto()
    EVERYTHING = auto()
    ROOM = auto()
    ROOM_REGAINED = auto()


class State(msgspec.Struct, frozen=True):
    """An answer: of which tenant, to what, and how many writes it knows of."""

    tenant: str
    key: str
    version: int


@dataclass
class Read:
    """A read: its note unless it was answered at once, what it must know, and what it saw."""

    host: int
    note: Note | None
    known: int = 0
    seen: int | None = None


@dataclass(frozen=True)
class Write:
    """A write that is committed, and not yet answered."""

    host: int
    tenant: str
    version: int


class Interleavings(RuleBasedStateMachine):
    """Reads and writes in steps, hints that come late, and a server that loses what it likes.

    A read must show its own tenant, and every write that was answered on its host, or of which its
    host had heard, before the read began.
    """

    server: RedisServer
    outcomes: Counter[tuple[str, str]]

    reads = Bundle("reads")
    writes = Bundle("writes")
    hints = Bundle("hints")

    def __init__(self) -> None:
        super().__init__()
        self.server.empty()
        self.loop = asyncio.new_event_loop()
        self.database = Counter[str]()
        self.known = [Counter[str](), Counter[str]()]
        self.levels = [RedisCache(self.server.url) for _ in range(2)]
        self.hosts = [Cache(Generations(), MIB, level) for level in self.levels]
        for host in self.hosts:
            host.regained()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the hosts' loop."""
        return self.loop.run_until_complete(work)

    def show(self, content: bytes, tenant: str, key: str, known: int) -> None:
        """An answer leaves."""
        state = msgspec.json.decode(content, type=State)
        assert (state.tenant, state.key) == (tenant, key)
        assert state.version >= known

    @rule(target=reads, host=HOSTS, tenant=TENANTS, key=KEYS)
    def begin_to_read(self, host: int, tenant: str, key: str) -> Read:
        known, cache = self.known[host][tenant], self.hosts[host]
        kept = cache.get(tenant, key)
        note = None if kept else self.run(cache.note(tenant, key))
        found = kept or (note and note.found)
        if found:
            self.show(found.content, tenant, key, known)
        return Read(host, None if found else note, known)

    @rule(read=reads)
    def look_into_the_database(self, read: Read) -> None:
        if read.note:
            read.seen = self.database[read.note.tenant_id]

    @rule(read=consumes(reads))
    def finish_reading(self, read: Read) -> None:
        if read.note is None:
            return
        note = read.note
        seen = self.database[note.tenant_id] if read.seen is None else read.seen
        content = msgspec.json.encode(State(note.tenant_id, note.key, seen))
        self.run(self._keep(read.host, note, content))
        self.show(content, note.tenant_id, note.key, read.known)

    async def _keep(self, host: int, note: Note, content: bytes) -> None:
        self.hosts[host].put(note, content)

    @rule(target=writes, host=HOSTS, tenant=TENANTS)
    def commit(self, host: int, tenant: str) -> Write:
        self.database[tenant] += 1
        return Write(host, tenant, self.database[tenant])

    @rule(target=hints, write=consumes(writes))
    def answer_the_write(self, write: Write) -> Write:
        self.run(self.hosts[write.host].changed(write.tenant))
        self._hear(write.host, write)
        return write

    @rule(hint=consumes(hints))
    def hear_of_it_elsewhere(self, hint: Write) -> None:
        self._hear(1 - hint.host, hint)

    def _hear(self, host: int, write: Write) -> None:
        self.hosts[host].heard(write.tenant)
        known = self.known[host]
        known[write.tenant] = max(known[write.tenant], write.version)

    @rule(host=HOSTS, tenant=TENANTS, key=KEYS)
    def read_at_once(self, host: int, tenant: str, key: str) -> None:
        self.finish_reading(self.begin_to_read(host, tenant, key))
        self.let_entries_arrive()

    @rule()
    def let_entries_arrive(self) -> None:
        self.run(asyncio.sleep(0.002))

    @rule(losses=st.lists(st.sampled_from(Loss), max_size=1), tenant=TENANTS, key=KEYS)
    def lose(self, losses: list[Loss], tenant: str, key: str) -> None:
        client = self.server.client
        for loss in losses:
            match loss:
                case Loss.GENERATION:
                    client.delete(redis_cache.generation_of(tenant))
                case Loss.ENTRY:
                    client.delete(redis_cache.entry_of(tenant, place_of(tenant, key)))
                case Loss.EVERYTHING:
                    client.flushall()
                case Loss.ROOM | Loss.ROOM_REGAINED:
                    client.config_set("maxmemory", int(loss == Loss.ROOM))

    def teardown(self) -> None:
        for host, level in zip(self.hosts, self.levels, strict=True):
            self.outcomes.update(host.counts)
            self.run(level.close())
        self.loop.close()


def test_no_order_of_events_shows_another_tenants_answer_or_an_old_one(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_cache, "LIMIT_S", 10.0)  # a busy machine is no outage here
    Interleavings.server = server
    Interleavings.outcomes = Counter()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Interleavings,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Interleavings.outcomes["shared", "hit"] > 5
    assert Interleavings.outcomes["process", "hit"] > 5
    assert not Interleavings.outcomes["shared", "away"]
