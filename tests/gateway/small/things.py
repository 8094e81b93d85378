"""The handlers of the small contract."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response

from generated.models import Event
from handlers.gateway import streams
from handlers.gateway.respond import Reply, ok
from services.errors import Forbidden


async def get_thing(app: Any) -> Reply:
    """GET /things"""
    return ok({})


async def get_old_thing(app: Any, wrong: str | None) -> Reply:
    """GET /old-things"""
    return ok({})


async def delete_thing(app: Any) -> Reply:
    """DELETE /things; nobody may."""
    raise Forbidden()


async def stream_things(app: Any) -> Response:
    """GET /things/stream"""
    return streams.event_stream(nothing(), asyncio.Event(), streams.frame)


async def nothing() -> AsyncIterator[list[Event]]:
    """A stream that ends at once."""
    yield []
