"""Who is asking, and with what: the first parameter of every handler and service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

import uuid_utils

from db.errors import ConstraintViolated, DatabaseAway, DatabaseUnavailable
from db.listen import Hints
from db.pool import Database, Transaction
from services import errors
from services.cache import Cache, Generations, Shared
from services.clock import Clock
from services.errors import CONSTRAINTS, Unavailable
from services.metrics import Metrics
from services.recent import Recent
from services.settings import Settings
from services.spans import Tracer, tracer_of
from services.tracing import CURRENT

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
KEY_TTL_S = 5.0
"""How long a key that was found is taken without asking again, should no hint revoke it before."""
KEYS = 10_000
MIB = 1024 * 1024
WORD = 2**30 - 1
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_id(prefix: str) -> str:
    """A TypeID: the prefix and a UUIDv7 in 26 characters of Crockford's base 32.

    Source: github.com/jetify-com/typeid, specification 0.3.
    """
    number = uuid_utils.uuid7().int
    a, b = number >> 100, number >> 70 & WORD  # whole, it would be slow to shift
    c, d = number >> 40 & WORD, number >> 10 & WORD
    return (
        f"{prefix}_{PAIRS[a >> 20]}{PAIRS[a >> 10 & 1023]}{PAIRS[a & 1023]}"
        f"{PAIRS[b >> 20]}{PAIRS[b >> 10 & 1023]}{PAIRS[b & 1023]}"
        f"{PAIRS[c >> 20]}{PAIRS[c >> 10 & 1023]}{PAIRS[c & 1023]}"
        f"{PAIRS[d >> 20]}{PAIRS[d >> 10 & 1023]}{PAIRS[d & 1023]}{PAIRS[number & 1023]}"
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a key of a tenant, or a worker on the tenant's behalf."""

    tenant_id: str
    subject: str
    scopes: frozenset[str] = frozenset()
    tier: str = "free"
    kind: Literal["key", "worker"] = "key"
    queues: frozenset[str] | None = None
    """The only queues in which it may change anything, or take jobs; None is all."""


class Closable(Protocol):
    """Something that is open for as long as the process lives."""

    async def close(self) -> None:
        """End it."""


C = TypeVar("C", bound=Closable)


class Opened:
    """What a process makes when it is first needed, one of each class, and closes at its end."""

    def __init__(self) -> None:
        self._made: dict[type[Any], Closable] = {}

    def get(self, kind: type[C], make: Callable[[], C]) -> C:
        """The process's own one of a class, made now if there is none."""
        made = self._made.get(kind) or self._made.setdefault(kind, make())
        assert isinstance(made, kind)
        return made

    async def close(self) -> None:
        """Close all that was made."""
        while self._made:
            await self._made.popitem()[1].close()


@dataclass(frozen=True, slots=True)
class App:
    """What a process has once: settings, database, hints, and whether it is ending."""

    settings: Settings
    db: Database
    hints: Hints
    cache: Cache = field(default_factory=lambda: Cache(Generations(), 0))
    actors: Recent[Actor] = field(default_factory=lambda: Recent(KEY_TTL_S, KEYS))
    """Who held which key lately, by its hash (`keys.find_actor`)."""
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the process has been asked to end: nothing new, and streams say goodbye."""
    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=Clock)
    tracer: Tracer | None = None
    opened: Opened = field(default_factory=Opened)
    """The way out and the like, for whoever needs it."""


@asynccontextmanager
async def opened(
    settings: Settings,
    url: str,
    generations: Generations | None = None,
    shared: Shared | None = None,
) -> AsyncIterator[App]:
    """The process's resources, connected; closed at the end.

    Processes that were forked with the same generations see each other's writes at once. Whoever
    writes as a tenant has to have the second level of the settings (`adapters/redis_cache.py`).
    """
    db = Database(url, size=settings.pool_size, timeout=settings.pool_wait)
    cache = Cache(generations or Generations(), settings.cache_mb * MIB, shared)
    app = App(settings, db, Hints(url, on_return=db.renew), cache, tracer=tracer_of(settings))
    app.hints.follow("tenant", app.cache)
    app.hints.follow("key", app.actors)
    await app.db.open()
    await app.hints.start()
    if shared is not None:
        await shared.open()
    clock = asyncio.create_task(app.clock.follow(db), name="clock")
    try:
        yield app
    finally:
        await app.opened.close()
        clock.cancel()
        await asyncio.wait({clock}, timeout=1)
        await app.hints.stop()
        await app.db.close()
        if shared is not None:
            await shared.close()
        if app.tracer is not None:
            await asyncio.to_thread(app.tracer.stop)


class Holder(Protocol):
    """Whoever keeps a request's last transaction open (`services/idempotency.py`)."""

    def holding(
        self, begun: AbstractAsyncContextManager[Transaction], *, at_once: bool
    ) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that is committed later, or at once."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request, or one task: who asks, under which id, with which resources."""

    app: App
    actor: Actor
    request_id: str
    claim: Holder | None = field(default=None, kw_only=True)
    """Of a request with an Idempotency-Key."""
    left: asyncio.Event | None = field(default=None, kw_only=True)
    """Of a request that waits: set when its client has gone away."""

    @property
    def settings(self) -> Settings:
        """The process's settings."""
        return self.app.settings

    def new_id(self, prefix: str) -> str:
        """A new TypeID."""
        return new_id(prefix)

    def now(self) -> datetime:
        """The database's time, in UTC."""
        return self.app.clock.now()

    def transaction(self, *, at_once: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """A transaction in the caller's tenant; hints leave after its commit.

        With an Idempotency-Key the last one of a request stays open until the answer is stored in
        it. `at_once` commits it with its block all the same: it is for a service that goes on to an
        agent, a repository or another service, as no transaction waits for those.

        Raises: the domain error of a violated constraint, Unavailable, KeyInFlight.
        """
        begun = tenant_transaction(self.app, self.actor.tenant_id)
        return begun if self.claim is None else self.claim.holding(begun, at_once=at_once)


@asynccontextmanager
async def tenant_transaction(app: App, tenant_id: str) -> AsyncIterator[Transaction]:
    """A transaction in a tenant.

    Raises: the domain error of a violated constraint, Unavailable.
    """
    async with domain_errors(), app.db.transaction(tenant_id, **CURRENT.get().settings()) as tx:
        yield tx
    try:
        if tx.changed:
            tx.hint("tenant", tenant_id)
            await app.cache.changed(tenant_id)
    finally:
        send(app, tx)


@asynccontextmanager
async def system_transaction(app: App) -> AsyncIterator[Transaction]:
    """A transaction of the machinery, across tenants.

    Raises: the domain error of a violated constraint, Unavailable.
    """
    async with domain_errors(), app.db.system() as tx:
        yield tx
    send(app, tx)


def send(app: App, tx: Transaction) -> None:
    """Wake who waits for what a transaction did; a tenant's feed, if it wrote events."""
    if any(topic == "event" for topic, _ in tx.hints):
        tx.hint("feed", tx.tenant)
    app.hints.send(tx.hints)
    app.hints.remind(tx.reminders)


@asynccontextmanager
async def domain_errors() -> AsyncIterator[None]:
    """Raise domain errors for the database's."""
    try:
        yield
    except ConstraintViolated as error:
        if error.constraint in CONSTRAINTS:
            raise CONSTRAINTS[error.constraint]() from error
        raise
    except DatabaseAway as error:
        raise errors.DatabaseAway() from error
    except DatabaseUnavailable as error:
        raise Unavailable("The database is busy; try again in a moment.") from error
