"""Schemas of customers: what is valid is taken, what is a trap is refused."""

import contextlib
import socket
from typing import Any

import pytest

from services.errors import ValidationFailed
from services.json_schemas import NOT_TOLD, TOO_LARGE, Budget, compiled


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


def asked_again(times: int, keyword: str) -> dict[str, Any]:
    """A schema that asks so often for what was not evaluated below."""
    schema: dict[str, Any] = {"contains": {"type": "object"}}
    for _ in range(times):
        schema = {"anyOf": [schema], keyword: False}
    return schema


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
        *(asked_again(12, "unevaluatedItems"), asked_again(12, "unevaluatedProperties")),
        {"allOf": [{"pattern": f"^.{{1,{length}}}$"} for length in range(400, 500)]},
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


TEXT = "abqrux" * 160_000
PARTS = [{"y": n} for n in range(2000)]
COSTLY: dict[str, tuple[dict[str, Any], Any]] = {
    "pattern": ({"not": {"pattern": r"[aq](\w{1,60}x){2,9}[0]"}}, TEXT),
    "patterns": ({"allOf": [{"not": {"pattern": rf"[aq]\w{{99}}{n}"}} for n in range(9)]}, TEXT),
    "pattern of names": ({"patternProperties": {r"[aq]\w{99}0": False}}, {TEXT: 1}),
    "propertyNames": ({"propertyNames": {"not": {"pattern": r"[aq]\w{99}0"}}}, {TEXT: 1}),
    "formats": ({"allOf": [{"format": "uri"}] * 3000}, TEXT),
    "enum": ({"contains": {"enum": PARTS}}, [{"y": -1}] * 5000),
    "const": ({"contains": {"const": PARTS}}, [PARTS] * 500),
    "unevaluated": (asked_again(7, "unevaluatedItems"), [{}] * 5000),
    "fractions": ({"items": {"allOf": [{"multipleOf": 1e-9}] * 300}}, [1.5e300] * 19_000),
    "unique items": ({"allOf": [{"uniqueItems": True}] * 1000}, list(range(19_000))),
    "unique within unique": (
        {"items": {"$ref": "#"}, "allOf": [{"uniqueItems": True}] * 100},
        [[list(range(100))] for _ in range(150)],
    ),
}


@pytest.mark.parametrize("kind", COSTLY)
def test_what_would_take_long_to_check_is_refused_unread(kind: str) -> None:
    schema, value = COSTLY[kind]
    [found] = compiled(schema, "").errors(value, "/input")
    assert found.message == TOO_LARGE


ITEM = {
    "properties": {
        "id": {"pattern": "^[a-z0-9-]{1,63}$"},
        "at": {"format": "date-time"},
        "name": {"pattern": "^.{1,100}$"},
    }
}


def test_many_small_texts_are_no_large_one() -> None:
    item = {"id": "abc-1", "at": "2026-01-01T00:00:00Z", "name": "Ada"}
    assert compiled({"items": ITEM}, "").errors([item] * 5000, "/input") == []


def test_many_amounts_and_unique_ids_are_taken() -> None:
    amounts = {"items": {"multipleOf": 0.5}}
    assert compiled(amounts, "").errors([n / 2 for n in range(9000)], "/input") == []
    assert compiled({"uniqueItems": True}, "").errors([str(n) for n in range(19_000)], "") == []


def test_what_is_no_text_is_told_though_its_check_has_a_price() -> None:
    checker = compiled({"properties": {"a": {"pattern": "^a$"}}}, "")
    [found] = checker.errors({"a": "\ud800"}, "/input")
    assert found.message == "must not contain lone surrogates"


def test_a_long_text_may_have_a_pattern() -> None:
    assert compiled({"pattern": "^[^<>]*$"}, "").errors(TEXT, "/input") == []


def test_values_of_one_request_share_the_time_for_it() -> None:
    checker, budget = compiled({"pattern": "^[^<>]*$"}, ""), Budget()
    found = [checker.errors(TEXT, "/input", budget) for _ in range(12)]
    assert found[0] == [] and found[-1][0].message == TOO_LARGE


def test_a_pattern_that_cannot_be_used_is_named_as_such() -> None:
    with pytest.raises(ValidationFailed, match="look-around and back-references cannot"):
        compiled({"properties": {"a": {"pattern": "(?=a)b"}}}, "/schema")


def test_of_a_long_name_a_part_is_told() -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled({"properties": {"Z" * 60_000: 1}}, "/schema")
    assert isinstance(refused.value.details, list)
    assert len(refused.value.details[0].field_) <= 100
