"""Schemas of customers: what is valid is taken, what is a trap is refused."""

import contextlib
import socket
from typing import Any

import pytest

from services.errors import ValidationFailed
from services.json_schemas import NOT_TOLD, TOO_LARGE, compiled


def nested(depth: int) -> dict[str, Any]:
    """A schema in a schema, so often."""
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


def doubling(times: int) -> dict[str, Any]:
    """A schema whose every reference leads to two more."""
    steps = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]}
        for n in range(times)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{times}": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"},
        {"$defs": {"a/b": {"type": "string"}}, "items": {"$ref": "#/$defs/a~1b"}},
        {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
        {"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
        {"const": {"$id": "anything"}},
        doubling(8),
    ],
)
def test_a_schema_is_taken(schema: dict[str, Any]) -> None:
    compiled(schema, "/schema")


@pytest.mark.parametrize(
    "schema",
    [
        *({"type": "integr"}, {"minimum": "1"}, {"properties": []}, {"$schema": 5}),
        *({"pattern": "("}, {"pattern": "(?=a)b"}, {"pattern": "(a{1000}){1000}"}),
        *({"$ref": "http://127.0.0.1/x"}, {"$ref": "file:///etc/passwd"}, {"$ref": "x"}),
        *({"$ref": "#/$defs/none"}, {"$ref": "#anchor"}, {"$dynamicRef": "#a"}),
        *({"$id": "file:///etc/"}, {"$defs": {"a": {"$id": "http://127.0.0.1/"}}}),
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"description": "x" * 70_000},
        *(nested(200), nested(5000), doubling(30), doubling(200)),
    ],
)
def test_a_schema_that_is_none_or_a_trap_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled(schema, "/schema")
    assert isinstance(refused.value.details, list)
    assert refused.value.details[0].field_.startswith("/schema")


def test_an_invalid_part_is_named() -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled({"properties": {"a": {"type": 5}}}, "/schema")
    assert isinstance(refused.value.details, list)
    assert refused.value.details[0].field_ == "/schema/properties/a/type"


def test_no_address_is_called_even_from_what_is_no_schema() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        with contextlib.suppress(ValidationFailed):
            compiled({"const": {"$ref": f"http://127.0.0.1:{port}/"}}, "/schema")
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 1, "fits more than one of the forms"),
        ({"pattern": "^a+$"}, "b", "must match the pattern ^a+$"),
        ({"const": "a"}, "b", "must be a"),
        ({"multipleOf": 2}, 3, "must be a multiple of 2"),
        ({"exclusiveMinimum": 1}, 1, "must be more than 1"),
        ({"exclusiveMaximum": 1}, 1, "must be less than 1"),
        ({"uniqueItems": True}, [1, 1], "must not have the same entry twice"),
        ({"not": {}}, 1, "does not meet what the schema says with `not`"),
    ],
    ids=lambda part: next(iter(part)) if isinstance(part, dict) else "",
)
def test_what_a_schema_demands_is_said_in_words(
    schema: dict[str, Any], value: Any, said: str
) -> None:
    [found] = compiled(schema, "").errors(value, "")
    assert found.message.startswith(said)


def test_what_does_not_match_is_told_by_pointer() -> None:
    checker = compiled({"items": {"type": "integer"}}, "/schema")
    [found] = checker.errors([1, "b"], "/value")
    assert found.field_ == "/value/1"


NODE = {"$ref": "#/$defs/node"}


def recursive(**members: Any) -> dict[str, Any]:
    """A schema of objects within objects."""
    return {**NODE, "$defs": {"node": {"type": "object", **members}}}


def within(levels: int, leaf: Any) -> Any:
    """Objects within each other, and what the innermost holds."""
    value = leaf
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (recursive(properties={"a": {"allOf": [NODE, NODE]}}), within(40, 1)),
        (recursive(properties={"a": {"anyOf": [NODE, NODE]}}), within(40, 1)),
        (recursive(properties={"a": NODE}, patternProperties={"a": NODE}), within(40, 1)),
        ({"items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}, [1] * 20_000),
    ],
    ids=["allOf", "anyOf", "patterns", "items"],
)
def test_what_would_take_for_ever_to_tell_is_not_told(schema: dict[str, Any], value: Any) -> None:
    [found] = compiled(schema, "").errors(value, "/input")
    assert (found.field_, found.message) == ("/input", NOT_TOLD)


@pytest.mark.parametrize(
    ("schema", "value", "where"),
    [
        ({"required": [f"a{n}" for n in range(4000)]}, {"x": "x" * 1_000_000}, "/a0"),
        ({"dependentRequired": {"x": [f"a{n}" for n in range(4000)]}}, {"x": "x" * 1_000_000}, ""),
        ({"items": {"type": "string"}}, ["a"] * 19_999 + [1], "/19999"),
    ],
    ids=["required", "dependentRequired", "items"],
)
def test_of_what_would_take_long_to_tell_the_first_is_told(
    schema: dict[str, Any], value: Any, where: str
) -> None:
    [found] = compiled(schema, "").errors(value, "/input")
    assert found.field_.startswith(f"/input{where}")
    assert found.message != NOT_TOLD


def test_a_tree_is_told_where_it_is_wrong() -> None:
    schema = recursive(properties={"a": NODE, "b": NODE}, additionalProperties=False)
    found = compiled(schema, "").errors(within(40, {"a": {}, "b": 1, "c": 2}), "")
    assert sorted(error.field_[-2:] for error in found) == ["/b", "/c"]


def test_a_value_that_is_too_large_for_its_schema_is_refused_unread() -> None:
    heavy = {"allOf": [{"type": "integer"}] * 3000}
    checker = compiled({"items": {"allOf": [{"$ref": "#/$defs/h"}] * 2}, "$defs": {"h": heavy}}, "")
    [found] = checker.errors([1] * 20_000, "/input")
    assert (found.field_, found.message) == ("/input", TOO_LARGE)
    assert checker.errors([1] * 100, "/input") == []
