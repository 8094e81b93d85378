"""How the bundled contract is read: references, operations, and the objects in it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
MAPS = {"paths", "properties", "parameters", "headers", "responses", "content", "schemas"}
VALUES = {"example", "examples", "default", "enum"}


def resolve(contract: Json, node: Json) -> Json:
    """The node itself, or what its `$ref` names in the bundled contract."""
    while "$ref" in node:
        target: Any = contract
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def operations(contract: Json, tag: str | None = None) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation, in the order of the contract; of one tag, if it is given."""
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item and tag in (None, item[method]["tags"][0]):
                yield path, method, item[method]


def parameters(contract: Json, operation: Json) -> list[Json]:
    """The parameters of an operation without references."""
    return [resolve(contract, parameter) for parameter in operation.get("parameters", [])]


def is_public(operation: Json) -> bool:
    """Whether the operation needs no credential."""
    return operation.get("security") == []


class Failure(NamedTuple):
    """An error code, the shared response that shows it, and when it is answered."""

    code: str
    response: str
    meaning: str


def failures(contract: Json) -> Iterator[Failure]:
    """What the examples of the shared responses show; the summary of one goes before the whole."""
    for name, response in contract["components"]["responses"].items():
        media = response.get("content", {}).get("application/json", {})
        shown = [{"value": media["example"]}] if "example" in media else []
        for example in (*shown, *media.get("examples", {}).values()):
            code = example["value"]["error"]["code"]
            yield Failure(code, name, example.get("summary", response["description"]))


def payload_name(event_type: str) -> str:
    """The schema of an event's payload: TASK_STARTED has TaskStarted."""
    return "".join(word.capitalize() for word in event_type.split("_"))


def objects_in(node: Any, place: str, names: bool = False) -> Iterator[tuple[str, Json]]:
    """Every object of the contract with its place; `names` says that its keys are names.

    What stands inside an example, a default or an enum is a value and no part of the contract.
    """
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from objects_in(child, f"{place}/{index}")
    elif isinstance(node, dict):
        if not names:
            yield place, node
        for key, child in node.items():
            if names or key not in VALUES:
                yield from objects_in(child, f"{place}/{escaped(key)}", not names and key in MAPS)


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
