"""How a test changes the contract, and the places that it changes."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

from scripts.breaking.nodes import Node, at
from scripts.contract import Json

Change = Callable[[Json], object]


class Break(NamedTuple):
    """A change that breaks clients: what is found, where, and what both contracts have before."""

    kind: str
    place: str
    change: Change
    prepare: Change = lambda contract: None


def find(contract: Json, pointer: str) -> Node:
    """What a pointer names; a parameter may be named instead of numbered."""
    head, mark, rest = pointer.partition("/parameters/")
    name, _, tail = rest.partition("/")
    parameters = at(contract, f"{head}/parameters").value if mark else {}
    if isinstance(parameters, list):
        index = next(i for i, found in enumerate(parameters) if found.get("name") == name)
        pointer = f"{head}/parameters/{index}{tail and '/'}{tail}"
    return at(contract, pointer)


def put(pointer: str, **values: Any) -> Change:
    """Set keywords; a value may be a function of what stands there."""

    def change(contract: Json) -> None:
        node = find(contract, pointer).value
        for key, value in values.items():
            key = key.replace("_", "-") if key.startswith("x_") else key.removesuffix("_")
            node[key] = value(node.get(key)) if callable(value) else copy.deepcopy(value)

    return change


def cut(pointer: str, *keys: Any) -> Change:
    """Remove keys."""
    return lambda contract: [find(contract, pointer).value.pop(key) for key in keys]


def both(*changes: Change) -> Change:
    """One change after another."""
    return lambda contract: [change(contract) for change in changes]


def without(value: str) -> Callable[[list[str]], list[str]]:
    return lambda values: [other for other in values if other != value]


def added(*more: Any) -> Callable[[list[Any] | None], list[Any]]:
    return lambda values: [*(values or []), *more]


PATHS, SCHEMAS = "#/paths", "#/components/schemas"
PROJECTS, PROJECT = f"{PATHS}/~1projects", f"{PATHS}/~1projects~1{{projectId}}"
EVENTS = f"{PROJECT}~1runs~1{{runId}}~1events/get"
DOWNLOAD = f"{PROJECT}~1exports~1{{exportId}}~1download/get/responses/200"
REGENERATE = f"{SCHEMAS}/RegenerateSpec"
LIMIT, SEARCH = f"{EVENTS}/parameters/limit", f"{PROJECTS}/get/parameters/search"
CREATE = f"{PROJECTS}/post"
QUEUES = f"{PATHS}/~1orchestrator~1queues"
BULK = f"{PATHS}/~1orchestrator~1jobs~1bulk/post"
NEW = {"name": "since", "in": "query", "schema": {"type": "string"}}
