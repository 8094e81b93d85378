"""Services write, and no host keeps what was before: two processes' resources, no shared memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from generated.models import CreateProject, HealthStatus, UpdateProject
from services import projects, system
from services.adapters import redis_cache
from services.context import App, Context, opened
from services.errors import NameTaken
from services.settings import Settings
from tests.conftest import tenant
from tests.redis_server import RedisServer

KEY = "/v1/projects?"


@pytest.fixture
def with_redis(settings: Settings, server: RedisServer) -> Settings:
    """Settings that name the server."""
    return Settings(data_dir=settings.data_dir, redis_url=server.url)


@pytest.fixture
async def app(with_redis: Settings, database: str) -> AsyncIterator[App]:
    """A process that writes."""
    shared = redis_cache.shared_of(with_redis)
    async with opened(with_redis, database, shared=shared) as resources:
        yield resources


@pytest.fixture
async def elsewhere(with_redis: Settings, database: str) -> AsyncIterator[App]:
    """A process on another host."""
    shared = redis_cache.shared_of(with_redis)
    async with opened(with_redis, database, shared=shared) as resources:
        yield resources


async def is_found(app: App, ctx: Context) -> bool:
    """Whether the second level has an answer."""
    return (await app.cache.note(ctx.actor.tenant_id, KEY)).found is not None


async def keep(app: App, ctx: Context) -> None:
    """Keep an answer in the second level."""
    app.cache.put(await app.cache.note(ctx.actor.tenant_id, KEY), b"{}")
    while not await is_found(app, ctx):
        pass


async def test_a_write_ends_what_is_kept_before_it_is_answered(
    app: App, elsewhere: App, ctx: Context
) -> None:
    other = await tenant(app, "other")
    project = await projects.create_project(ctx, CreateProject(name="A", description="Books."))
    for _ in range(20):
        await keep(elsewhere, ctx)
        await keep(elsewhere, other)
        await projects.update_project(ctx, project.id, UpdateProject(name="B"))
        assert not await is_found(elsewhere, ctx)
        assert await is_found(elsewhere, other)


class Looks:
    """A follower that looks at the second level in the moment of a hint."""

    def __init__(self, server: RedisServer) -> None:
        self.found: list[bytes] = []
        self.echoed = asyncio.Event()
        """After its own hint, the same has come back from the database."""
        self._server = server

    def heard(self, key: str) -> None:
        self.found.append(self._server.client.get(redis_cache.generation_of(key)))
        if len(self.found) == 2:
            self.echoed.set()

    def lost(self) -> None: ...

    def regained(self) -> None: ...


async def test_the_second_level_is_told_before_the_memory_of_this_machine(
    app: App, ctx: Context, server: RedisServer
) -> None:
    """Or a read in between would copy the old answer and take it for a new one."""
    looks = Looks(server)
    app.hints.follow("tenant", looks)
    project = await projects.create_project(ctx, CreateProject(name="A", description="Books."))
    await looks.echoed.wait()
    before = server.client.get(redis_cache.generation_of(ctx.actor.tenant_id))
    looks.found.clear()
    await projects.update_project(ctx, project.id, UpdateProject(name="B"))
    assert looks.found
    assert before not in looks.found


async def test_a_read_and_a_write_that_fails_end_nothing(
    app: App, elsewhere: App, ctx: Context
) -> None:
    project = await projects.create_project(ctx, CreateProject(name="A", description="Books."))
    await keep(elsewhere, ctx)
    await projects.get_project(ctx, project.id)
    with pytest.raises(NameTaken):
        await projects.create_project(ctx, CreateProject(name="A", description="Books."))
    assert await is_found(elsewhere, ctx)


async def test_health_knows_the_second_level(app: App, server: RedisServer) -> None:
    assert (await system.get_health(app)).components.redis == HealthStatus.healthy
    server.client.config_set("maxmemory", 1)
    await app.cache.changed("ten_1")
    full = await system.get_health(app)
    assert full.components.redis == HealthStatus.degraded
    assert system.REDIS_REFUSES in (full.warnings or [])
    server.client.config_set("maxmemory", 0)
    server.pause()
    try:
        away = await system.get_health(app)
    finally:
        server.resume()
    assert away.components.redis == HealthStatus.unhealthy
    assert system.WITHOUT_REDIS in (away.warnings or [])


async def test_without_the_setting_health_says_so(settings: Settings, database: str) -> None:
    async with opened(settings, database) as without:
        assert (await system.get_health(without)).components.redis == HealthStatus.disabled
