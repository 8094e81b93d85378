"""How much work it is to say what is wrong with a value: counted before it is done.

A validator finds out at once that a value is wrong. To name every place, it follows each reference
anew, however often two of them lead to the same, and copies the value into each finding: a schema
of 200 bytes takes hours for a value of 40 levels, and all memory.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from services.schemas import Json

OF_THE_SAME = ("not", "if", "then", "else")
OF_THE_SAME_LISTS = ("allOf", "anyOf", "oneOf")
OF_MEMBERS = ("additionalProperties", "unevaluatedProperties", "propertyNames")
OF_ITEMS = ("items", "contains", "unevaluatedItems")

Step = tuple[Any, Any]
"""A subschema, and the part of a value that it is held against."""


def are_few(root: Json, value: Any, most: int) -> bool:
    """Whether at most so many parts of a schema are held against parts of a value."""
    waiting: list[Step] = [(root, value)]
    taken = 0
    while waiting:
        schema, part = waiting.pop()
        if not isinstance(schema, dict):
            continue
        taken += 1 + len(schema.get("required", ()))
        taken += sum(map(len, schema.get("dependentRequired", {}).values()))
        if taken + len(waiting) > most:
            return False
        waiting += steps_of(root, schema, part)
    return True


def steps_of(root: Json, schema: Json, part: Any) -> Iterator[Step]:
    """The next steps; rather one too many than one too few."""
    for subschema in of_the_same(root, schema):
        yield subschema, part
    if isinstance(part, dict):
        yield from of_members(schema, part)
    elif isinstance(part, list):
        yield from zip(schema.get("prefixItems", ()), part, strict=False)
        for keyword in OF_ITEMS:
            yield from pairs(schema.get(keyword), part)


def of_the_same(root: Json, schema: Json) -> Iterator[Any]:
    """The subschemas that are held against the same part."""
    if "$ref" in schema:
        yield target(root, schema["$ref"])
    for keyword in OF_THE_SAME:
        yield schema.get(keyword)
    for keyword in OF_THE_SAME_LISTS:
        yield from schema.get(keyword, ())
    yield from schema.get("dependentSchemas", {}).values()


def of_members(schema: Json, part: Json) -> Iterator[Step]:
    """The steps to the members of an object."""
    known = schema.get("properties", {})
    yield from ((known[name], part[name]) for name in known.keys() & part.keys())
    for subschema in schema.get("patternProperties", {}).values():
        yield from pairs(subschema, part.values())
    for keyword in OF_MEMBERS:
        yield from pairs(schema.get(keyword), part.values())


def pairs(subschema: Any, parts: Iterable[Any]) -> Iterator[Step]:
    """One subschema with each of the parts."""
    if isinstance(subschema, dict):
        for part in parts:
            yield subschema, part


def target(root: Json, reference: str) -> Any:
    """What a reference within a schema leads to (RFC 6901, section 4); KeyError if nothing."""
    node: Any = root
    for part in reference.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node
