"""Applications called directly, without a socket or a server: what a request itself costs."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from bench.figures import Void
from bench.run import Leg
from bench.wrk import Request

Asgi = Any
BATCH = 20


@contextlib.asynccontextmanager
async def started(app: Asgi) -> AsyncIterator[dict[str, Any]]:
    """The application's state, between its start-up and its shutdown (ASGI lifespan 2.0).

    Raises: Void if it does not start.
    """
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    state: dict[str, Any] = {}
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    running = asyncio.create_task(app(scope, told.get, said.put))
    await told.put({"type": "lifespan.startup"})
    answer = await said.get()
    if answer["type"] != "lifespan.startup.complete":
        raise Void(f"a contestant did not start: {answer}")
    yield state
    await told.put({"type": "lifespan.shutdown"})
    await running


def scope_of(request: Request, state: dict[str, Any]) -> dict[str, Any]:
    """What uvicorn makes of a request of wrk."""
    url = urlsplit(request.path)
    headers = {"host": "127.0.0.1:3001", **request.headers}
    if request.body:
        headers["content-length"] = str(len(request.body))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 3001),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "root_path": "",
        "method": request.method,
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "state": state,
    }


async def call(app: Asgi, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    """Status and body of one request."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app({**scope, "headers": [*scope["headers"]], "state": {**scope["state"]}}, receive, send)
    return messages[0]["status"], b"".join(message["body"] for message in messages[1:])


def leg(runner: asyncio.Runner, app: Asgi, request: Request, state: dict[str, Any]) -> Leg:
    """A leg in this process: microseconds of its CPU per request; every answer is compared."""
    scope = scope_of(request, state)
    right = request.status, request.answer

    async def drive(seconds: float) -> dict[str, float]:
        end, count, began = time.perf_counter() + seconds, 0, time.process_time()
        while time.perf_counter() < end:
            for _ in range(BATCH):
                if (got := await call(app, scope, request.body)) != right:
                    raise Void(f"{request.method} {request.path} gives {got[0]} {got[1][:300]!r}")
            count += BATCH
        return {"cost": (time.process_time() - began) * 1e6 / count}

    return lambda seconds: runner.run(drive(seconds))
