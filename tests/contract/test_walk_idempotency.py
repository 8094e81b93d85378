"""Every POST and PATCH of the contract with an Idempotency-Key: repeated, changed, of others."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Live
from tests.contract.seed import Tenant
from tests.contract.test_walk_successes import BODIES, PREPARED
from tests.contract.walk import OPERATIONS, Operation, ask, check, check_documented, each

Json = dict[str, Any]
KEYED = [operation for operation in OPERATIONS if operation.method in ("POST", "PATCH")]
KEY = "Idempotency-Key"
REPLAYED = "idempotency-replayed"
OF_EACH_REQUEST = {"x-request-id", "traceparent", "date", REPLAYED}


def prepared(live: Live, tenant: Tenant, operation: Operation) -> tuple[Json, bytes]:
    """Ids with which the operation succeeds once, and a body for it."""
    prepare = PREPARED.get(operation.id)
    ids = tenant.ids | (prepare(live, tenant) if prepare else {})
    body = BODIES.get(operation.id, operation.body(ids)) or {}
    if "name" in body:
        body["name"] = f"keyed-{uuid4()}"
    return ids, json.dumps(body).encode()


def send(
    tenant: Tenant, operation: Operation, ids: Json, key: str, body: bytes = b""
) -> httpx.Response:
    """Call an operation with a key and these bytes."""
    headers = {KEY: key, "Content-Type": "application/json"}
    answer = tenant.http.request(
        operation.method, operation.path(ids), content=body, headers=headers
    )
    check(answer)
    check_documented(operation, answer)
    return answer


def kept(answer: httpx.Response) -> tuple[int, bytes, Json]:
    """What a replay has to repeat."""
    headers = {k: v for k, v in answer.headers.items() if k not in OF_EACH_REQUEST}
    return answer.status_code, answer.content, headers


@each(KEYED)
@pytest.mark.usefixtures("stopped")
def test_a_repeated_request_gets_its_first_answer_again(
    live: Live, mine: Tenant, operation: Operation
) -> None:
    ids, body = prepared(live, mine, operation)
    key = str(uuid4())
    first, again = (send(mine, operation, ids, key, body) for _ in range(2))
    assert first.is_success, first.text
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert kept(again) == kept(first)
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


@each(KEYED)
@pytest.mark.usefixtures("stopped")
def test_a_key_that_comes_with_another_request_is_refused(
    live: Live, mine: Tenant, operation: Operation
) -> None:
    ids, body = prepared(live, mine, operation)
    key = str(uuid4())
    send(mine, operation, ids, key, body)
    if operation.body_schema:
        body = body.replace(b"}", b" }")
    else:
        ids, _ = prepared(live, mine, operation)
    answer = send(mine, operation, ids, key, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@each([o for o in KEYED if not o.raw.get("requestBody", {}).get("required")])
@pytest.mark.usefixtures("stopped")
def test_a_body_that_is_absent_is_an_empty_object(
    live: Live, mine: Tenant, operation: Operation
) -> None:
    ids, _ = prepared(live, mine, operation)
    key = str(uuid4())
    first = mine.http.request(operation.method, operation.path(ids), headers={KEY: key})
    check_documented(operation, first)
    assert first.is_success, first.text
    assert send(mine, operation, ids, key, b"{}").headers[REPLAYED] == "true"


@each(KEYED)
@pytest.mark.usefixtures("stopped")
def test_a_key_of_another_tenant_says_nothing(
    live: Live, mine: Tenant, theirs: Tenant, operation: Operation
) -> None:
    key = str(uuid4())
    for tenant in (mine, theirs):
        ids, body = prepared(live, tenant, operation)
        answer = send(tenant, operation, ids, key, body)
        assert answer.is_success, answer.text
        assert REPLAYED not in answer.headers


@each(KEYED)
@pytest.mark.parametrize("key", ["", "a" * 300, "with space", "caf\u00e9", "tab\there"])
def test_a_key_that_is_none_is_named(mine: Tenant, operation: Operation, key: str) -> None:
    answer = ask(mine.http, operation, mine.ids, headers={KEY: key.encode("latin-1")})
    error = answer.json()["error"]
    assert (answer.status_code, error["details"][0]["field"]) == (400, f"/{KEY}")


@each(KEYED)
def test_two_keys_are_one_too_many(mine: Tenant, operation: Operation) -> None:
    answer = ask(mine.http, operation, mine.ids, headers=[(KEY, "one"), (KEY, "two")])
    error = answer.json()["error"]
    assert (answer.status_code, error["details"][0]["field"]) == (400, f"/{KEY}")


def test_one_key_serves_every_operation(live: Live, mine: Tenant) -> None:
    key = str(uuid4())
    for operation in (o for o in KEYED if o.id not in ("start_run", "retry_run")):
        ids, body = prepared(live, mine, operation)
        answer = send(mine, operation, ids, key, body)
        assert answer.is_success, answer.text
        assert REPLAYED not in answer.headers
