"""Processes on hosts that share a server of the second level, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from services.adapters import redis_cache
from services.adapters.redis_cache import RedisCache
from services.cache import Cache, Entry, Generations
from tests.redis_server import RedisServer, redis_server

MIB = 1024 * 1024
PATIENCE_S = 5


@pytest.fixture(scope="session")
def running() -> Iterator[RedisServer]:
    """A server."""
    with redis_server() as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> RedisServer:
    """The server, empty."""
    running.empty()
    return running


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost server is tried again soon."""
    monkeypatch.setattr(redis_cache, "RETRY_S", 0.05)


class Process:
    """What an API process has of the cache."""

    def __init__(self, url: str, generations: Generations | None = None) -> None:
        self.generations = generations or Generations()
        self.shared = RedisCache(url)
        self.cache = Cache(self.generations, MIB, self.shared)
        self.cache.regained()

    async def look(self, tenant: str, key: str) -> bytes | None:
        """What is kept, here or there."""
        entry = self.cache.get(tenant, key) or (await self.cache.note(tenant, key)).found
        return entry.content if entry else None

    async def keep(self, tenant: str, key: str, content: bytes = b"{}") -> Entry:
        """Keep an answer as a read does; it has arrived when this returns."""
        entry = self.cache.put(await self.cache.note(tenant, key), content)
        await asyncio.gather(*self.shared._storing)
        return entry

    async def write(self, tenant: str) -> None:
        """Change something, as `tenant_transaction` does."""
        await self.cache.changed(tenant)
        self.cache.heard(tenant)

    async def back(self) -> None:
        """Wait until the server is asked again."""
        deadline = time.monotonic() + PATIENCE_S
        while not await self.shared.answers():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)


@pytest.fixture
async def one(server: RedisServer) -> AsyncIterator[Process]:
    """A process."""
    made = Process(server.url)
    await made.shared.open()
    yield made
    await made.shared.close()


@pytest.fixture
async def two(server: RedisServer) -> AsyncIterator[Process]:
    """A process on another host: no memory is shared."""
    made = Process(server.url)
    await made.shared.open()
    yield made
    await made.shared.close()


@pytest.fixture
async def sibling(server: RedisServer, one: Process) -> AsyncIterator[Process]:
    """A process that was forked from the one that `one` was forked from."""
    made = Process(server.url, one.generations)
    await made.shared.open()
    yield made
    await made.shared.close()
