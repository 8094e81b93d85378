"""Places in a contract, and schemas as a client sees them: without references and `allOf`."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.contract import Json, escaped

UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
LOWER = (
    "minimum", "minLength", "minItems", "minProperties",
    "exclusiveMaximum", "exclusiveMinimum", "uniqueItems",
)  # fmt: skip
CONSTRAINTS = {
    "type", "enum", "pattern", "format", "multipleOf", "not", "items", "additionalProperties",
    "oneOf", "anyOf",
}  # fmt: skip
STRUCTURE = {"$ref", "allOf", "properties", "required", "nullable"}


class Node(NamedTuple):
    """A value of a contract with its JSON pointer; what is absent is an empty object."""

    contract: Json
    pointer: str
    value: Any

    def child(self, key: Any) -> "Node":
        """What stands below: by name in an object, by number in a list."""
        below = self.value[key] if isinstance(self.value, list) else self.value.get(key, {})
        return Node(self.contract, f"{self.pointer}/{escaped(str(key))}", below)

    def resolved(self) -> "Node":
        """The node itself, or what its `$ref` names.

        Raises: KeyError if it names nothing.
        """
        node = self
        while isinstance(node.value, dict) and "$ref" in node.value:
            node = at(node.contract, node.value["$ref"])
        return node

    def children(self, key: str) -> list["Node"]:
        """The members of the list or object that stands below."""
        below = self.child(key)
        members = range(len(below.value)) if isinstance(below.value, list) else below.value
        return [below.child(member) for member in members]


def at(contract: Json, pointer: str) -> Node:
    """What a JSON pointer such as #/components/schemas/Run names.

    Raises: KeyError if it names nothing.
    """
    value: Any = contract
    for part in pointer.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return Node(contract, pointer, value)


def references(value: Any) -> Iterator[str]:
    """Every `$ref` at or below a value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


class Shape(NamedTuple):
    """A schema with its references followed and its `allOf` merged; each part knows its place."""

    node: Node
    parts: dict[str, Node]
    properties: dict[str, Node]
    required: frozenset[str]
    hidden: list[Node]
    """What holds too, although another part of the `allOf` says it differently."""

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword."""
        return self.parts[keyword].value if keyword in self.parts else default

    def place(self, keyword: str) -> str:
        """Where a keyword stands, or would stand."""
        part = self.parts.get(keyword)
        return part.pointer if part else f"{self.node.pointer}/{keyword}"

    def alternatives(self) -> list[Node]:
        """The members of `oneOf` or `anyOf`."""
        return [
            part.child(index)
            for keyword in ("oneOf", "anyOf")
            if (part := self.parts.get(keyword))
            for index in range(len(part.value))
        ]


def shape(schema: Node) -> Shape:
    """A schema as a client sees it."""
    node = schema.resolved()
    members = [shape(member) for member in node.children("allOf")]
    found = Shape(node, {}, {}, frozenset(), [])
    for layer in (*members, own(node)):
        found.hidden.extend([*layer.hidden, *replaced(found, layer)])
        merge(found.parts, layer.parts)
        found.properties.update(layer.properties)
        found = found._replace(required=found.required | layer.required)
    if not (node.value.get("nullable") or all(member.get("nullable") for member in members)):
        found.parts.pop("nullable", None)
    return found


def own(node: Node) -> Shape:
    """What a schema says itself, beside its `allOf`."""
    parts = {key: node.child(key) for key in node.value if key not in STRUCTURE}
    if node.value.get("nullable"):
        parts["nullable"] = node.child("nullable")
    properties = node.child("properties")
    named = {name: properties.child(name) for name in properties.value}
    return Shape(node, parts, named, frozenset(node.value.get("required", [])), [])


def replaced(found: Shape, layer: Shape) -> Iterator[Node]:
    """The constraints and properties that another part of an `allOf` says differently."""
    for key, part in found.parts.items():
        if key in CONSTRAINTS and key in layer.parts and layer.parts[key].value != part.value:
            yield part
    for name, part in found.properties.items():
        if name in layer.properties and layer.properties[name].value != part.value:
            yield part


def merge(parts: dict[str, Node], others: dict[str, Node]) -> None:
    """Add keywords; of two limits the stricter holds, of others the latter."""
    for keyword, other in others.items():
        mine = parts.get(keyword)
        looser = mine is not None and (
            (keyword in UPPER and other.value > mine.value)
            or (keyword in LOWER and other.value < mine.value)
        )
        if not looser:
            parts[keyword] = other
