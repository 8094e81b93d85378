"""Every operation with a body and every field of it: unknown, missing, null, of another type."""

import json
from typing import Any

import pytest

from handlers.gateway.bodies import MAX_BODY
from tests.contract.seed import Tenant
from tests.contract.walk import (
    OPERATIONS,
    SCHEMAS,
    SECURED,
    WITH_BODY,
    Operation,
    ask,
    each,
    fields,
)

Json = dict[str, Any]
WRONG: dict[str, Any] = {
    "null": None,
    "number": 1,
    "fraction": 0.5,
    "boolean": True,
    "text": "",
    "list": [],
    "object": {},
    "nested": {"a": [{}]},
    "huge_number": 10**30,
}
TYPES = {
    "null": "null", "number": "number", "fraction": "number", "boolean": "boolean",
    "text": "", "list": "array", "object": "object", "nested": "object", "huge_number": "number",
}  # fmt: skip
SERVER_FIELDS = ["id", "status", "tenantId", "repoPath", "createdAt", "updatedAt", "spec"]


def properties(operation: Operation) -> Json:
    """The fields of an operation's body with their schemas."""
    found: Json = (operation.body_schema or {})["properties"]
    return {name: SCHEMAS.resolve(schema) for name, schema in found.items()}


FIELDS = [
    (operation, name, kind)
    for operation in WITH_BODY
    for name, schema in properties(operation).items()
    for kind in WRONG
    if "type" in schema and schema["type"] != TYPES[kind]
    if (schema["type"], kind) != ("integer", "number")
    if not (schema.get("nullable") and kind == "null")
]
REQUIRED = [
    (operation, name)
    for operation in WITH_BODY
    for name in (operation.body_schema or {}).get("required", [])
]


@pytest.mark.parametrize(
    ("operation", "name", "kind"), FIELDS, ids=[f"{o.id}-{n}-{k}" for o, n, k in FIELDS]
)
def test_a_field_of_another_type_is_named(
    mine: Tenant, operation: Operation, name: str, kind: str
) -> None:
    body = (operation.body(mine.ids) or {}) | {name: WRONG[kind]}
    assert fields(ask(mine.http, operation, mine.ids, json=body)) == [f"/{name}"]


@pytest.mark.parametrize(("operation", "name"), REQUIRED, ids=[f"{o.id}-{n}" for o, n in REQUIRED])
def test_a_missing_field_is_named(mine: Tenant, operation: Operation, name: str) -> None:
    body = operation.body(mine.ids) or {}
    del body[name]
    assert fields(ask(mine.http, operation, mine.ids, json=body)) == [f"/{name}"]


@each(WITH_BODY)
@pytest.mark.parametrize("name", ["unknown", *SERVER_FIELDS, "__proto__", "a/b~c", "\x00", ""])
def test_an_unknown_field_is_named(mine: Tenant, operation: Operation, name: str) -> None:
    body = (operation.body(mine.ids) or {}) | {name: "x"}
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    assert fields(ask(mine.http, operation, mine.ids, json=body)) == [pointer]


@each(WITH_BODY)
@pytest.mark.parametrize("kind", [kind for kind in WRONG if TYPES[kind] != "object"])
def test_a_body_that_is_no_object_is_a_bad_request(
    mine: Tenant, operation: Operation, kind: str
) -> None:
    content = json.dumps(WRONG[kind]).encode()
    headers = {"Content-Type": "application/json"}
    answer = ask(mine.http, operation, mine.ids, json=None, content=content, headers=headers)
    assert fields(answer) == [""]


@each(WITH_BODY)
def test_a_body_may_be_as_large_as_the_contract_says(mine: Tenant, operation: Operation) -> None:
    limit = operation.raw.get("x-max-body", MAX_BODY)
    for size, status in ((limit, 400), (limit + 1, 413)):
        content = b"{" + b" " * (size - 1)
        headers = {"Content-Type": "application/json"}
        answer = ask(mine.http, operation, mine.ids, json=None, content=content, headers=headers)
        assert answer.status_code == status


@each([operation for operation in WITH_BODY if operation.raw["requestBody"]["required"]])
def test_a_missing_body_is_a_bad_request(mine: Tenant, operation: Operation) -> None:
    headers = {"Content-Type": "application/json"}
    answer = ask(mine.http, operation, mine.ids, json=None, content=b"", headers=headers)
    assert fields(answer) == [""]


@each(WITH_BODY)
def test_a_body_is_required_only_where_an_empty_object_will_not_do(operation: Operation) -> None:
    body = operation.raw["requestBody"]
    schema = SCHEMAS.compile(body["content"]["application/json"]["schema"])
    assert body["required"] is not schema.is_valid({})


@each([operation for operation in SECURED if operation not in WITH_BODY])
def test_an_operation_without_a_body_does_not_mind_one(mine: Tenant, operation: Operation) -> None:
    path = operation.path(dict.fromkeys(mine.ids, "wrong"))
    answer = mine.http.request(operation.method, path, json={"a": 1})
    assert answer.status_code in (200, 400, 404)


def test_every_wrong_field_of_a_body_is_named(mine: Tenant) -> None:
    answer = mine.http.post("/projects", json={"name": "", "description": 1, "other": 1})
    assert sorted(fields(answer)) == ["/description", "/name", "/other"]


def test_at_most_20_fields_are_named(mine: Tenant) -> None:
    body = {f"f{number}": 1 for number in range(1000)}
    assert len(fields(mine.http.post("/projects", json=body))) == 20


def test_every_operation_that_writes_a_body_is_walked() -> None:
    assert {o.id for o in OPERATIONS if "requestBody" in o.raw} == {o.id for o in WITH_BODY}
