"""Requests that wait for something (`x-waits`): whether their client is still there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.types import Receive

from services.context import Context


@asynccontextmanager
async def watched(ctx: Context, receive: Receive) -> AsyncIterator[Context]:
    """The context of a request whose body has arrived; `left` is set when the client goes away."""
    left = asyncio.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    watching = asyncio.create_task(watch())
    try:
        yield replace(ctx, left=left)
    finally:
        watching.cancel()
