"""Stock Connexion and ours from one contract, each behind a real server."""

import contextlib
import functools
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
import yaml
from connexion import AsyncApp
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver

from handlers.gateway.app import compose
from handlers.gateway.contract import Handlers
from scripts.generation import hoist_parameters
from services.metrics import Metrics
from tests.gateway.defects import notes

Json = dict[str, Any]
CONTRACT = Path(__file__).parent / "contract.yaml"
SWAPPED = os.environ.get("OURS_IS_STOCK") == "1"
"""Stock Connexion in the place of ours, to prove that each test then fails."""


class ByName(Resolver):  # type: ignore[misc]
    """Stock Connexion's handlers: the same functions, with answers as it wants them."""

    def resolve(self, operation: AbstractOperation) -> Resolution:
        """The function named like the operation."""
        name = operation.operation_id
        return Resolution(as_stock(getattr(notes, name)), name)


def as_stock(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler with its answer as a tuple."""

    @functools.wraps(handler)
    async def answered(**arguments: Any) -> tuple[Any, int, dict[str, str]]:
        reply = await handler(**arguments)
        return reply.body, reply.status, reply.headers

    return answered


def stock(contract: Path) -> AsyncApp:
    """Stock Connexion as its documentation shows it, with answers checked."""
    app = AsyncApp("stock")
    app.add_api(contract, resolver=ByName(), pythonic_params=True, validate_responses=True)
    return app


def ours(contract: Path) -> AsyncApp:
    """Ours, bundled and composed like the product."""
    if SWAPPED:
        return stock(contract)
    source: Json = hoist_parameters(yaml.safe_load(contract.read_text()))
    return compose(source, Handlers("tests.gateway.defects"), notes, lifespan, checking="strict")


@contextlib.asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[Json]:
    """No resources: what needs a database is not tried here."""
    yield {"app": SimpleNamespace(metrics=Metrics(), tracer=None)}


@contextlib.contextmanager
def served(app: AsyncApp) -> Iterator[httpx.Client]:
    """A client of the application behind uvicorn."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
            with httpx.Client(base_url=url, timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
