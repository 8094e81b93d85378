"""Two bundled contracts compared: what stands outside the operations, and each of them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from scripts.breaking.findings import OVERRIDE, Finding, excused, merged, reason_of
from scripts.breaking.nodes import Node, at, references
from scripts.breaking.operations import compare_operations
from scripts.breaking.routes import taken_calls
from scripts.breaking.schemas import Side, compare
from scripts.contract import METHODS, Json

SCHEMES = "#/components/securitySchemes"
SCHEMAS = "#/components/schemas"
INPUT = "JobInput"
"""So end the names of what built-in kinds of jobs take; clients send it."""


def compare_contracts(old: Json, new: Json) -> list[Finding]:
    """What breaks a client of the old contract, each break once, in the order of the contract.

    Raises: KeyError if a `$ref` names nothing.
    """
    found = [
        *servers(old, new),
        *schemes(old, new),
        *paths(old, new),
        *taken_calls(old, new),
        *unreferenced_schemas(old, new),
    ]
    return merged(by_pointer(old, new, found))


def by_pointer(old: Json, new: Json, found: list[Finding]) -> Iterator[Finding]:
    """The findings, with the reasons that the root of the contract gives for a pointer."""
    before, after = at(old, "#").child(OVERRIDE), at(new, "#").child(OVERRIDE)
    for finding in found:
        given = [{OVERRIDE: side.value.get(finding.pointer)} for side in (before, after)]
        yield from excused([finding], reason_of(*given))


def servers(old: Json, new: Json) -> Iterator[Finding]:
    """Base paths that no server has any more."""
    bases = [{urlsplit(server["url"]).path for server in side["servers"]} for side in (old, new)]
    for path in sorted(bases[0] - bases[1]):
        yield Finding("server-path-changed", "#/servers", f"no server has the base path {path}")


def schemes(old: Json, new: Json) -> Iterator[Finding]:
    """Credentials that are sent in another way; one that is gone shows where it is asked for."""
    before, after = at(old, SCHEMES), at(new, SCHEMES)
    for name in sorted(before.value.keys() & after.value.keys()):
        was, now = before.value[name], after.value[name]
        for key in ("type", "scheme", "in", "name"):
            if was.get(key) != now.get(key):
                yield Finding(
                    "security-scheme-changed",
                    f"{after.child(name).pointer}/{key}",
                    f"{key} was {was.get(key)}, is {now.get(key)}",
                )


def paths(old: Json, new: Json) -> Iterator[Finding]:
    """Paths and methods that are gone, and what breaks in the others."""
    before, after = at(old, "#/paths"), at(new, "#/paths")
    touched = touched_components(old, new)
    same_security = old.get("security") == new.get("security")
    for path, item in before.value.items():
        same = same_security and item == after.value.get(path)
        if path not in after.value:
            yield Finding("path-removed", before.child(path).pointer, f"{path} is gone")
        elif not same or not touched.isdisjoint(used_by(item)):
            found = methods(before.child(path), after.child(path))
            yield from excused(found, reason_of(item, after.value[path]))


def touched_components(old: Json, new: Json) -> set[str]:
    """The components that are not what they were, or that name such a one.

    A path that is as it was and names none of them needs no walk.
    """
    before, after = components(old), components(new)
    touched = {pointer for pointer in before if before[pointer] != after.get(pointer)}
    users = {pointer: used_by(value) for pointer, value in before.items()}
    more = touched
    while more:
        more = {pointer for pointer in users if pointer not in touched and users[pointer] & more}
        touched |= more
    return touched


def components(contract: Json) -> Json:
    """The components by their pointers."""
    found = [
        node
        for kind in at(contract, "#/components").value
        for node in at(contract, "#/components").children(kind)
    ]
    return {node.pointer: node.value for node in found}


def methods(before: Node, after: Node) -> Iterator[Finding]:
    """The methods of a path."""
    for method in METHODS:
        old, new = before.child(method), after.child(method)
        if method in before.value and method not in after.value:
            yield Finding("method-removed", old.pointer, f"{method.upper()} is gone")
        elif method in before.value:
            found = compare_operations(before, after, old, new)
            yield from excused(found, reason_of(old.value, new.value))


def used_by(value: Any) -> set[str]:
    """The components that a value names, or parts of which it names."""
    return {"/".join(reference.split("/")[:4]) for reference in references(value)}


def unreferenced_schemas(old: Json, new: Json) -> Iterator[Finding]:
    """What no operation names: payloads of events, what built-in kinds of jobs take and give."""
    before, after = at(old, SCHEMAS), at(new, SCHEMAS)
    used = used_by(old["paths"]).union(
        *(used_by(value) - {pointer} for pointer, value in components(old).items())
    )
    for name in before.value:
        pointer = before.child(name).pointer
        if pointer in used:
            continue
        if name in after.value:
            side = Side.REQUEST if name.endswith(INPUT) else Side.RESPONSE
            yield from compare(before.child(name), after.child(name), side)
        else:
            yield Finding("schema-removed", pointer, f"{name} is gone")
