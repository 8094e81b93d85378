"""A real HTTP server that a test scripts, and both clients behind one face."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Thread
from typing import Any

from aiohttp import web
from prazium import AsyncPrazium, Prazium, Reconnect

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTRACT = json.loads(
    (Path(__file__).parents[2] / "generated" / "openapi.json").read_text(encoding="utf-8")
)
QUICK = Reconnect(attempts=3, first_delay=0.01, longest_delay=0.05, heartbeat=0.3)


class Server:
    """An aiohttp server in a thread; `requests` are what it was asked, in order."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._record)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        self.requests: list[web.Request] = []

    async def _record(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self._handler(request)

    async def _listen(self) -> int:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _end(self) -> None:
        await self._runner.cleanup()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def start(self) -> "Server":
        """Listen on a free port of this machine."""
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    def stop(self) -> None:
        """Close the server and its thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


class Face:
    """A client of either kind, called by the name of a method, as in `projects.get`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def call(self, server: Server, method_name: str, /, *args: Any, **kwargs: Any) -> Any:
        """The result of a method of the client."""
        if self.kind == "sync":
            with Prazium("pzm_test", server.url, timeout=2, reconnect=QUICK) as client:
                return method(client, method_name)(*args, **kwargs)
        return asyncio.run(self._await(server, method_name, args, kwargs))

    def collect(self, server: Server, method_name: str, /, *args: Any, **kwargs: Any) -> list[Any]:
        """The items of an iterator of the client."""
        if self.kind == "sync":
            with Prazium("pzm_test", server.url, timeout=2, reconnect=QUICK) as client:
                return list(method(client, method_name)(*args, **kwargs))
        return asyncio.run(self._gather(server, method_name, args, kwargs))

    async def _await(self, server: Server, method_name: str, args: Any, kwargs: Any) -> Any:
        async with AsyncPrazium("pzm_test", server.url, timeout=2, reconnect=QUICK) as client:
            return await method(client, method_name)(*args, **kwargs)

    async def _gather(self, server: Server, method_name: str, args: Any, kwargs: Any) -> list[Any]:
        async with AsyncPrazium("pzm_test", server.url, timeout=2, reconnect=QUICK) as client:
            return [item async for item in method(client, method_name)(*args, **kwargs)]


def method(client: Any, name: str) -> Any:
    """The method `projects.get` of a client."""
    tag, operation = name.split(".")
    return getattr(getattr(client, tag), operation)
