"""Idempotency keys: what the client sends by itself, and what a caller may give and see."""

from collections.abc import Callable
from uuid import UUID

from aiohttp import web
from prazium import IdempotencyKey

from tests.sdk.harness import Face, Handler, Server
from tests.sdk.test_operations import (
    ITERATORS,
    METHODS,
    OF_WORKERS,
    PROJECT,
    contract_handler,
    operations,
)

KEY = "Idempotency-Key"
WRITING = ("POST", "PATCH")


async def replaying_handler(request: web.Request) -> web.Response:
    """The examples of the contract, as if they had been given before."""
    answer = await contract_handler(request)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def test_every_call_that_changes_something_has_a_random_key(
    client: Face, serve: Callable[[Handler], Server]
) -> None:
    server = serve(contract_handler)
    for operation_id, (name, args, kwargs) in METHODS.items():
        if operation_id not in ITERATORS:
            client.call(server, name, *args, **kwargs)
    keys = [r.headers[KEY] for r in server.requests if r.method in WRITING]
    assert len(set(keys)) == len(keys) > 5
    assert all(UUID(key).version == 4 for key in keys)
    assert not [r.path for r in server.requests if r.method not in WRITING and KEY in r.headers]


def test_every_call_that_changes_something_takes_a_key_of_the_callers(
    client: Face, serve: Callable[[Handler], Server]
) -> None:
    server = serve(contract_handler)
    for verb, _, operation in operations():
        if verb.upper() in WRITING and operation["operationId"] not in OF_WORKERS:
            name, args, kwargs = METHODS[operation["operationId"]]
            client.call(server, name, *args, **kwargs, idempotency_key="order-17")
    assert {request.headers[KEY] for request in server.requests} == {"order-17"}
    assert len(server.requests) > 5


def test_a_replay_is_seen_by_the_key(client: Face, serve: Callable[[Handler], Server]) -> None:
    key = IdempotencyKey("order-17")
    assert key.replayed is None
    client.call(serve(contract_handler), "specs.approve", PROJECT, idempotency_key=key)
    assert key.replayed is False
    client.call(serve(replaying_handler), "specs.approve", PROJECT, idempotency_key=key)
    assert key.replayed is True
