"""The installation over HTTP. What is public here stands outside the envelope."""

from handlers.gateway.pages import BRIEFLY, FOR_EVER, PAGE_POLICY, Published
from handlers.gateway.respond import Reply, ok, plain
from services import system
from services.context import App, Context


async def get_health(app: App) -> Reply:
    """GET /health"""
    return plain(await system.get_health(app))


async def get_ready(app: App) -> Reply:
    """GET /ready"""
    return plain(await system.get_ready(app))


async def get_stats(ctx: Context) -> Reply:
    """GET /admin/stats"""
    return ok(await system.get_stats(ctx))


async def get_contract(app: App) -> Published:
    """GET /openapi.json"""
    return Published(system.get_contract(app), BRIEFLY)


async def get_reference(app: App) -> Published:
    """GET /docs"""
    return Published(system.get_reference(app), BRIEFLY, PAGE_POLICY)


async def get_reference_file(app: App, name: str, v: str | None) -> Published:
    """GET /docs/{name}"""
    file = system.get_reference_file(app, name)
    return Published(file, FOR_EVER if v == file.version else BRIEFLY)
