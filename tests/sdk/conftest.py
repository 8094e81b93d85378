"""Fixtures of the SDK tests: servers, and each test with both clients."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import Live
from tests.sdk.harness import Face, Handler, Server
from tests.sdk.workplace import Place


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Server]]:
    """Start a server with a handler; it is stopped after the test."""
    servers: list[Server] = []

    def start(handler: Handler) -> Server:
        servers.append(Server(handler).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def place(live: Live) -> Iterator[Place]:
    """A queue of the test's own, for workers at the running product."""
    made = Place(live.url, live.key)
    yield made
    made.http.close()


@pytest.fixture
def answer(serve: Callable[[Handler], Server]) -> Callable[..., Server]:
    """Start a server that answers every request with one status and body."""

    def start(status: int, body: Any) -> Server:
        async def handler(_: web.Request) -> web.Response:
            text = body if isinstance(body, str) else json.dumps(body)
            return web.Response(status=status, text=text, content_type="application/json")

        return serve(handler)

    return start


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest) -> Face:
    """Each test runs with the synchronous and with the asynchronous client."""
    return Face(request.param)
