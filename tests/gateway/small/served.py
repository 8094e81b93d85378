"""The small contract behind a real server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from connexion import AsyncApp

from generated import models
from handlers.gateway.app import compose
from handlers.gateway.contract import Handlers
from tests.gateway.defects import served

Json = dict[str, Any]
ANY = {"200": {"description": "Any."}, "403": {"description": "No."}}
WRONG = {
    "name": "wrong",
    "in": "query",
    "description": "Too short for anything.",
    "schema": {"type": "string", "maxLength": 0},
}
SCHEMES = {"ApiKey": {"type": "http", "scheme": "bearer"}}


def operation(operation_id: str, **more: Any) -> Json:
    """A public operation."""
    return {"operationId": operation_id, "tags": ["things"], "responses": ANY} | more


def contract(**of_old: Any) -> Json:
    """The contract; `of_old` is added to the operation get_old_thing."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1.0.0"},
        "security": [],
        "paths": {
            "/things": {"get": operation("get_thing"), "delete": operation("delete_thing")},
            "/things/stream": {"get": operation("stream_things")},
            "/old-things": {"get": operation("get_old_thing", parameters=[WRONG], **of_old)},
        },
        "components": {"securitySchemes": SCHEMES, "schemas": {}},
    }


def composed(source: Json, origins: tuple[str, ...] = ()) -> AsyncApp:
    """The application of a contract."""
    handlers = Handlers("tests.gateway.small")
    return compose(source, handlers, models, served.lifespan, checking="off", origins=origins)


@contextmanager
def client(source: Json, origins: tuple[str, ...] = ()) -> Iterator[httpx.Client]:
    """A client of the contract's server."""
    with served.served(composed(source, origins)) as made:
        yield made
