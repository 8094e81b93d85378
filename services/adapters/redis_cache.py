"""The second level of kept answers, in Redis or Valkey (docs/decisions/0020).

A server that is slow, away, full or emptied costs misses. While it is away, requests do not ask it:
it is tried again in the background, and one line is logged for each outage.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar, cast

import structlog

from services.settings import Settings, SettingsInvalid

T = TypeVar("T")

LIMIT_S = 0.05
"""A server that takes longer is away."""
REACH_S = 1.0
"""How long it may take to connect, in the background."""
RETRY_S = 1.0
CONNECTIONS = 4
"""All are made in the background: with TLS, that takes too long for a request to wait for."""
STORING = 100
"""So many entries are on their way at once; more are not stored."""
GENERATION_S = 3600
"""Generations of tenants that write nothing end, too; the next one is new."""
PROBE = "prazium:{}:generation"

log = structlog.get_logger()


class RedisCache:
    """Entries and generations by tenant, under `prazium:{tenant}:…`, all with an end.

    Attributes:
        refuses: whether the server refused the last write: it is full, or a replica.
    """

    def __init__(self, url: str) -> None:
        """Nothing is connected yet.

        Raises: ValueError or TypeError for a URL that is none, ModuleNotFoundError.
        """
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import ResponseError

        self.refuses = False
        self._refusal = ResponseError
        self._pool = ConnectionPool.from_url(
            url,
            socket_connect_timeout=REACH_S,
            protocol=2,
            driver_info=None,
            retry=Retry(NoBackoff(), 0),
        )
        # With a timeout of its own, redis-py uses asyncio.wait_for, which may lose a cancellation.
        self._pool.connection_kwargs["socket_timeout"] = None
        self._pool.connection_class(**self._pool.connection_kwargs)  # reads the rest of the URL
        self._client = Redis.from_pool(self._pool)
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._returning: asyncio.Task[None] | None = None
        self._storing: set[asyncio.Task[None]] = set()
        self._store_again = 0.0

    async def open(self) -> None:
        """Connect, if that can be done at once; else go on trying in the background."""
        try:
            await self._reach()
        except Exception as error:
            self._lose(error)

    async def close(self) -> None:
        """Finish what is on its way, and disconnect."""
        if self._returning is not None:
            self._returning.cancel()
        if self._storing:
            await asyncio.wait(self._storing, timeout=LIMIT_S)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LIMIT_S):
                await self._client.aclose()

    async def fetch(self, tenant_id: str, place: bytes) -> tuple[bytes | None, bytes | None] | None:
        """The tenant's generation, a new one if there was none, and the entry; None if it is away.

        The generation is None if it could not be made, or was by someone else in this moment.
        """

        async def ask() -> tuple[bytes | None, bytes | None]:
            name = generation_of(tenant_id)
            names = [name, entry_of(tenant_id, place)]
            generation, entry = cast(list[bytes | None], await self._client.mget(names))
            return generation or await self._begin(name), entry

        return await self._within_limit(ask)

    def store(self, tenant_id: str, place: bytes, entry: bytes, seconds: float) -> None:
        """Keep an entry for so long; in the background."""
        waits = self.refuses and time.monotonic() < self._store_again
        if waits or self._returning is not None or len(self._storing) >= STORING:
            return
        task = asyncio.create_task(self._store(entry_of(tenant_id, place), entry, seconds))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def change(self, tenant_id: str) -> bool:
        """Give the tenant a new random generation, or none; whether that was done for sure.

        A server that is full sets nothing, but it still deletes.
        """

        async def ask() -> list[object]:
            name = generation_of(tenant_id)
            pipeline = self._client.pipeline(transaction=False)
            pipeline.delete(name)
            pipeline.set(name, new_generation(), ex=GENERATION_S)
            return await pipeline.execute(raise_on_error=False)

        said = await self._within_limit(ask)
        if said is None:
            return False
        refused = [answer for answer in said if isinstance(answer, self._refusal)]
        self._note_refusal(refused[0] if refused else None)
        return isinstance(said[0], int)

    async def answers(self) -> bool:
        """Whether it can be reached."""
        return await self._within_limit(self._probe) is not None

    async def _begin(self, name: str) -> bytes | None:
        """A first generation; None if someone else was faster, or the server takes none."""
        generation = new_generation()
        try:
            done = await self._client.set(name, generation, nx=True, ex=GENERATION_S)
        except self._refusal as error:
            self._note_refusal(error)
            return None
        return generation if done else None

    async def _store(self, name: str, entry: bytes, seconds: float) -> None:
        async def ask() -> None:
            try:
                await self._client.set(name, entry, px=max(1, int(seconds * 1000)))
            except self._refusal as error:
                self._note_refusal(error)
            else:
                self._note_refusal(None)

        await self._within_limit(ask)

    async def _within_limit(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """What the server says; None if it is away, and from now on if it takes too long."""
        if self._returning is not None:
            return None
        try:
            async with limited(), self._free:
                return await ask()
        except Exception as error:  # whatever it is, a request can do without
            self._lose(error)
            return None

    def _lose(self, error: Exception) -> None:
        if self._returning is None:
            log.warning("cache.away", error=type(error).__name__)
            self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        """Try until the server is back; requests wait for none of this."""
        while True:
            await asyncio.sleep(RETRY_S)
            with contextlib.suppress(Exception):
                await self._pool.disconnect(inuse_connections=False)
                await self._reach()
                break
        self._returning = None

    async def _reach(self) -> None:
        """Connect, and see that the server is fast enough and lets us read."""
        async with asyncio.timeout(REACH_S):
            await asyncio.gather(*(self._probe() for _ in range(CONNECTIONS)))
        async with limited():
            await self._probe()

    async def _probe(self) -> bool:
        await self._client.mget(PROBE)
        return True

    def _note_refusal(self, error: object) -> None:
        if error is not None:
            self._store_again = time.monotonic() + RETRY_S
            if not self.refuses:
                log.warning("cache.refused", error=type(error).__name__)
        self.refuses = error is not None


@contextlib.asynccontextmanager
async def limited() -> AsyncIterator[None]:
    """Raise TimeoutError after LIMIT_S, in two steps.

    A process that itself stood still (a collection of garbage, a busy machine) finds both its timer
    and the answer due; after the first step it takes the answer and blames nobody.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:
        step = LIMIT_S / 2
        first = loop.call_later(step, lambda: limit.reschedule(loop.time() + step))
        try:
            yield
        finally:
            first.cancel()


def shared_of(settings: Settings) -> RedisCache | None:
    """The second level of the settings, if they name one."""
    return RedisCache(settings.redis_url) if settings.redis_url else None


def check(settings: Settings) -> None:
    """Make sure that the second level can be used, if it is wanted; nothing is connected.

    Raises: SettingsInvalid, without the URL: it may hold a password.
    """
    try:
        shared_of(settings)
    except ModuleNotFoundError:
        raise SettingsInvalid(
            "PRAZIUM_REDIS_URL needs the extra redis: pip install 'prazium-server[redis]'."
        ) from None
    except (ValueError, TypeError):
        raise SettingsInvalid(
            "PRAZIUM_REDIS_URL: must be as redis://:password@host:6379/0 "
            "(rediss:// with TLS, unix:///path/to/socket)."
        ) from None


def generation_of(tenant_id: str) -> str:
    """The name of a tenant's generation; the braces keep a tenant on one node of a cluster."""
    return f"prazium:{{{tenant_id}}}:generation"


def entry_of(tenant_id: str, place: bytes) -> str:
    """The name of an entry."""
    return f"prazium:{{{tenant_id}}}:{place.hex()}"


def new_generation() -> bytes:
    """A number that nobody has used."""
    return secrets.token_bytes(16)
