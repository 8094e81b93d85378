"""Calls that a new path takes from a path beside it: routing puts exact before templated."""

from collections.abc import Iterator

from scripts.breaking.findings import Finding, excused, reason_of
from scripts.breaking.nodes import Node, at
from scripts.breaking.operations import parameters_of, schema_of
from scripts.contract import METHODS, Json
from services.schemas import Schemas

REST = "{path}"
"""The parameter that takes the rest of the path, slashes included."""


def taken_calls(old: Json, new: Json) -> Iterator[Finding]:
    """New paths that come before an old one for values that its parameters may have."""
    before, after = at(old, "#/paths"), at(new, "#/paths")
    for path in (path for path in after.value if path not in before.value):
        for other in (other for other in before.value if other in after.value):
            values = values_taken(path, other)
            losers = tuple(losing(before.child(other), values)) if values else ()
            if losers:
                place = after.child(path)
                found = Finding("calls-taken", place.pointer, f"takes calls of {other}", losers)
                yield from excused([found], reason_of(None, place.value))


def values_taken(path: str, other: str) -> dict[str, str]:
    """The parameters of the other path in the calls that the path takes from it; {} if in none.

    The first segment that only one of them fixes decides: that one comes first.
    """
    values: dict[str, str] = {}
    mine, theirs = path.split("/"), other.split("/")
    for index, (segment, beside) in enumerate(zip(mine, theirs, strict=False)):
        if segment == REST:
            return values
        if beside == REST:
            return {**values, "path": "/".join(mine[index:])}
        if templated(beside) and not templated(segment):
            values[beside[1:-1]] = segment
        elif not templated(beside) and segment != beside and not (values and templated(segment)):
            return {}
    return values if len(mine) == len(theirs) else {}


def templated(text: str) -> bool:
    """Whether a parameter stands in a segment, or in several."""
    return "{" in text


def losing(item: Node, values: dict[str, str]) -> Iterator[str]:
    """The operations of a path whose parameters may have all of the values."""
    for method in METHODS:
        operation = item.child(method)
        given = parameters_of(item, operation)
        if operation.value and all(takes(given[name, "path"], values[name]) for name in values):
            yield operation.value["operationId"]


def takes(parameter: Node, text: str) -> bool:
    """Whether a parameter may be this text; one with a parameter in it can be many, so it may."""
    validator = Schemas(parameter.contract).compile(schema_of(parameter).value)
    readings = [text, int(text)] if text.isdecimal() else [text]
    return templated(text) or any(map(validator.is_valid, readings))
