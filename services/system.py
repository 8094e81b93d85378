"""The installation: its health, readiness and figures, and what it publishes of its contract."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

import generated
from db.pool import Transaction
from db.queries import load
from generated.models import (
    Health,
    HealthComponents,
    HealthEngine,
    HealthStatus,
    Readiness,
    Stats,
)
from services.adapters import sandbox
from services.context import App, Context, system_transaction
from services.errors import NotFound, Unavailable
from services.recent import Recent
from services.threads import in_thread
from services.worker_jobs import own_tasks

T = TypeVar("T")

sql = load("system")

MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
PROBE_S = 1.0
MOST = 100_000
"""No figure counts further than this."""
PROBED_S = 0.2
"""So long the database is taken to be as it was; balancers ask a few times a second."""
WORKERS = b"workers"
VITALS_S = 1.0
VITALS = b"vitals"
VERSION = version("prazium-server")
WITHOUT_REDIS = "Redis or Valkey cannot be reached: each process keeps answers for itself alone."
REDIS_REFUSES = "Redis or Valkey takes nothing new; is it full, or a replica?"
WITHOUT_BUBBLEWRAP = (
    "No bubblewrap here: applications are verified with resource limits only, with the network and "
    "the file system open to them. Install bubblewrap, or set PRAZIUM_SANDBOX=required to refuse."
)


@dataclass(frozen=True, slots=True)
class Document:
    """What is published as it is: the bytes, their media type, and the version of the content."""

    content: bytes
    media_type: str
    version: str


def read(file: Traversable) -> Document:
    """A published file; its version is a hash of its content."""
    content = file.read_bytes()
    media_type = MEDIA_TYPES[file.name.rpartition(".")[2]]
    return Document(content, media_type, hashlib.sha256(content).hexdigest()[:16])


PUBLISHED = resources.files(generated)
CONTRACT = read(PUBLISHED / "openapi.json")
REFERENCE = {file.name: read(file) for file in (PUBLISHED / "reference").iterdir()}
PAGE = REFERENCE.pop("index.html")


def get_contract(app: App) -> Document:
    """The OpenAPI document that this process keeps to."""
    return CONTRACT


def get_reference(app: App) -> Document:
    """The page that shows the contract."""
    return PAGE


def get_reference_file(app: App, name: str) -> Document:
    """A file that the page loads.

    Raises: NotFound.
    """
    if name not in REFERENCE:
        raise NotFound("The reference has no such file.")
    return REFERENCE[name]


class Vitals(msgspec.Struct, frozen=True):
    """How the engine is, over all tenants; `own` are tasks that our own workers do."""

    workers_alive: int
    http_workers_alive: int
    oldest_ready_seconds: float
    oldest_own_ready_seconds: float
    leases_lost_last_hour: int


class Kept(Recent[T]):
    """What was found a moment ago: however many strangers ask, the database is asked once."""

    async def close(self) -> None:
        """It is of no use to another process."""


class KeptVitals(Kept[Vitals]):
    """The vitals."""

    def __init__(self) -> None:
        super().__init__(VITALS_S, 1)


class KeptCount(Kept[int]):
    """How many workers are alive."""

    def __init__(self) -> None:
        super().__init__(PROBED_S, 1)


class QueueDepth(msgspec.Struct, frozen=True):
    """How many tasks could be worked on now, can be later, are worked on, and wait in graphs."""

    ready: int
    delayed: int
    running: int
    waiting: int


async def get_health(app: App) -> Health:
    """How the process and the parts that it needs are; never fails."""
    database, workers = await probe(app)
    kept_in, warnings = await in_thread(sandbox_health, app)
    redis, more = await redis_health(app)
    parts = HealthComponents(database=database, redis=redis, workers=workers, sandbox=kept_in)
    vitals = await get_vitals(app) if database == HealthStatus.healthy else None
    return Health(
        status=overall([database, redis, workers, kept_in]),
        version=VERSION,
        components=parts,
        warnings=warnings + more,
        engine=UNSET if vitals is None else HealthEngine(**asdict(vitals)),
    )


async def get_ready(app: App) -> Readiness:
    """Whether requests should be sent here.

    Raises: Unavailable.
    """
    if app.draining.is_set():
        raise Unavailable("The service is shutting down.")
    database, _ = await probe(app)
    if database != HealthStatus.healthy:
        raise Unavailable("The database cannot be reached right now.")
    return Readiness(status="ready")


async def get_stats(ctx: Context) -> Stats:
    """Figures of the whole installation.

    Raises: Unavailable.
    """
    async with system_transaction(ctx.app) as tx:
        depth = await depth_in(tx, MOST)
        pending = min(depth.ready + depth.delayed, MOST)
        return await tx.one(sql.get_stats, Stats, pending=pending, processing=depth.running)


async def get_queue_depth(app: App) -> QueueDepth | None:
    """The queue over all tenants, or None if the database does not answer within a second."""
    return await told(app, lambda tx: depth_in(tx, MOST))


async def depth_in(tx: Transaction, most: int) -> QueueDepth:
    """The queue over all tenants, in a transaction of the machinery; counts end at `most`."""
    return await tx.one(sql.get_queue_depth, QueueDepth, most=most)


async def get_vitals(app: App) -> Vitals | None:
    """How the engine is, at most a second old; None if the database does not tell in a second."""
    kept = app.opened.get(KeptVitals, KeptVitals)
    return kept.get(VITALS) or await kept.ask(VITALS, lambda: find_vitals(app))


async def find_vitals(app: App) -> Vitals | None:
    """How the engine is now."""
    return await told(app, lambda tx: vitals_in(tx, app))


async def vitals_in(tx: Transaction, app: App) -> Vitals:
    """How the engine is, in a transaction of the machinery."""
    return await tx.one(sql.get_vitals, Vitals, own=own_tasks(app.settings))


async def probe(app: App) -> tuple[HealthStatus, HealthStatus]:
    """The health of the database and of the workers, within a second."""
    kept = app.opened.get(KeptCount, KeptCount)
    alive = kept.get(WORKERS)
    if alive is None:
        alive = await kept.ask(WORKERS, lambda: told(app, count_workers))
    if alive is None:
        return HealthStatus.unhealthy, HealthStatus.unhealthy
    return HealthStatus.healthy, HealthStatus.healthy if alive else HealthStatus.unhealthy


async def count_workers(tx: Transaction) -> int:
    """How many of our own workers are alive."""
    return int(await tx.value(sql.count_workers))


async def told(app: App, ask: Callable[[Transaction], Awaitable[T]]) -> T | None:
    """What the database tells the machinery, or None if it does not within a second.

    What takes longer goes on alone: to cancel it is to wait for the database once more.
    """
    asking = asyncio.create_task(asked(app, ask))
    await asyncio.wait({asking}, timeout=PROBE_S)
    return asking.result() if asking.done() else None


async def asked(app: App, ask: Callable[[Transaction], Awaitable[T]]) -> T | None:
    """What the database tells, or None if it is away."""
    try:
        async with system_transaction(app) as tx:
            return await ask(tx)
    except Unavailable:
        return None


async def redis_health(app: App) -> tuple[HealthStatus, list[str]]:
    """The health of the second level of kept answers, if there is one, and the warning if not."""
    shared = app.cache.shared
    if shared is None:
        return HealthStatus.disabled, []
    if not await shared.answers():
        return HealthStatus.unhealthy, [WITHOUT_REDIS]
    if shared.refuses:
        return HealthStatus.degraded, [REDIS_REFUSES]
    return HealthStatus.healthy, []


def sandbox_health(app: App) -> tuple[HealthStatus, list[str]]:
    """Whether bubblewrap keeps applications in, and the warning if not."""
    try:
        kind = sandbox.kind(app.settings.sandbox)
    except sandbox.SandboxMissing as error:
        return HealthStatus.unhealthy, [str(error)]
    if kind == "bubblewrap":
        return HealthStatus.healthy, []
    return HealthStatus.degraded, [WITHOUT_BUBBLEWRAP]


def overall(parts: list[HealthStatus]) -> HealthStatus:
    """The service is as healthy as its parts; without a database it is not."""
    if parts[0] == HealthStatus.unhealthy:
        return HealthStatus.unhealthy
    fine = all(part in (HealthStatus.healthy, HealthStatus.disabled) for part in parts)
    return HealthStatus.healthy if fine else HealthStatus.degraded
