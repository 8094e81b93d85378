"""The installation over HTTP. Health and readiness need no key and stand outside the envelope."""

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
