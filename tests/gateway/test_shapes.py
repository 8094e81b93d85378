"""Quick checks of answers: what they take, the contract takes."""

import copy
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest
from starlette.types import Message

from handlers.gateway import bodies
from handlers.gateway.app import CONTRACT
from handlers.gateway.request import ARRIVED, Request
from handlers.gateway.shapes import Shapes
from services.errors import ValidationFailed
from services.schemas import Json, Schemas

SOURCE: Json = msgspec.json.decode(CONTRACT.read_bytes())
NAMED: Json = SOURCE["components"]["schemas"]
SCHEMAS, SHAPES = Schemas(SOURCE), Shapes(NAMED)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 1.0, 2**31, 2**63, "", "x", "\n",
    "2026-01-15T10:30:00", "2026-01-15T10:30:00,5Z", "2026-01-15T10:30:00+01",
    "2026-01-15T24:00:00Z", "2026-02-30T10:30:00Z", "2026-01-15t10:30:00z", "é" * 40_000,
    "run_01kb0r6sc2e6ha4z8m3x7jv9w1\n", "run_01kb0r6sc2e6ha4z8m3x7jv9wu",
    "run_81kb0r6sc2e6ha4z8m3x7jv9w1", "é" * 30, [], [None] * 101, {}, {"a": 1}, {"a": "x" * 1001},
    {str(number): "" for number in range(60)},
    *(form.format(odd) for odd in "\0\x1f\x7f\t\n \u00a0" for form in ("{}", "a{}", "{}a")),
)  # fmt: skip


def example(schema: Json) -> Any:
    """A value that a schema describes, made of the examples in it."""
    if "$ref" in schema:
        return example(NAMED[schema["$ref"].rpartition("/")[2]])
    if "example" in schema:
        return schema["example"]
    if "allOf" in schema:
        return example(schema["allOf"][0])
    if schema.get("type") == "array":
        return [example(schema["items"])] * 2
    return {name: example(part) for name, part in schema.get("properties", {}).items()}


def changed(value: Any) -> Iterator[Any]:
    """The value with one thing in it that is other, missing or too much."""
    yield from ODD
    if isinstance(value, dict):
        yield value | {"unknown": 1}
        for name, part in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            yield from ({**value, name: odd} for odd in changed(part))
    elif isinstance(value, list) and value:
        yield value * 60
        yield from ([*value[1:], odd] for odd in changed(value[0]))


SHAPED = [name for name in NAMED if SHAPES.of({"$ref": f"#/components/schemas/{name}"})]


@pytest.mark.parametrize("name", SHAPED)
def test_what_a_shape_takes_the_contract_takes(name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}"}
    shape, validator = SHAPES.of(schema), SCHEMAS.compile(schema)
    right = example(schema)
    assert shape is not None
    assert shape.fits(msgspec.json.encode(right)), right
    for other in changed(copy.deepcopy(right)):
        assert validator.is_valid(other) or not shape.fits(msgspec.json.encode(other)), other


def test_what_is_read_most_has_shapes() -> None:
    assert {"RunList", "ProjectList", "Project", "EventList", "Job", "JobList"} <= set(SHAPED)


@pytest.mark.parametrize("text", ["2026-01-15 10:30:00Z", "2026-01-15T10:30:00+0100"])
def test_of_times_alone_a_shape_takes_two_forms_more(text: str) -> None:
    shape = SHAPES.of({"type": "string", "format": "date-time"})
    assert shape is not None
    assert shape.fits(msgspec.json.encode(text))


async def test_a_body_may_not_hold_a_time_that_is_none_in_utc() -> None:
    timed: Json = {"type": "object", "additionalProperties": False}
    timed["properties"] = {"at": {"type": "string", "format": "date-time"}}
    named, models = {"Timed": timed}, ModuleType("models")
    setattr(models, "Timed", dict[str, str])  # noqa: B010
    source = {"application/json": {"schema": {"$ref": "#/components/schemas/Timed"}}}
    schemas = Schemas({"components": {"schemas": named}})
    body = bodies.body(schemas, Shapes(named), models, {"content": source}, 100, 100)
    assert body is not None
    with pytest.raises(ValidationFailed, match="/at"):
        await body.read(sent(b'{"at": "0001-01-01T00:00:00+01:00"}'), nothing)
    assert await body.read(sent(b'{"at": "2026-01-15T10:30:00Z"}'), nothing)


def sent(raw: bytes) -> Request:
    """A request whose body is there."""
    headers = [(b"content-type", b"application/json")]
    return Request({"method": "POST", "headers": headers, ARRIVED: lambda: raw})


async def nothing() -> Message:
    """What is received of a body that is there."""
    raise AssertionError


def test_a_schema_that_contains_itself_has_none() -> None:
    tree = {"type": "object", "additionalProperties": False}
    tree["properties"] = {"left": {"$ref": "#/components/schemas/Tree"}}
    assert Shapes({"Tree": tree}).of({"$ref": "#/components/schemas/Tree"}) is None
