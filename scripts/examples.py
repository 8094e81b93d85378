"""Examples of the contract: built for the reference, found for the check that they are valid."""

from collections.abc import Iterator
from typing import Any

from scripts.contract import Json, objects_in, resolve

FAILURE = "#/components/schemas/Failure"


def example(contract: Json, schema: Json) -> Any:
    """A value of the schema: its own example, or one built from the examples of its parts.

    An example shows what went well: a Failure is null or left out where the schema allows it.
    """
    schema = resolve(contract, schema)
    if "example" in schema:
        return schema["example"]
    if "allOf" in schema:
        return None if is_failure(schema) else example(contract, schema["allOf"][0])
    if branches := schema.get("oneOf") or schema.get("anyOf"):
        return example(contract, branches[0])
    if schema.get("type") == "array":
        return [example(contract, schema["items"])]
    return object_example(contract, schema)


def object_example(contract: Json, schema: Json) -> Json:
    """An object with all properties but the failures that may be left out."""
    required = schema.get("required", [])
    return {
        name: example(contract, child)
        for name, child in schema.get("properties", {}).items()
        if name in required or not is_failure(child)
    }


def is_failure(schema: Json) -> bool:
    """Whether the schema is the shared Failure, also as a nullable."""
    return FAILURE in (schema.get("$ref"), *(part.get("$ref") for part in schema.get("allOf", [])))


def written(contract: Json) -> Iterator[tuple[str, Any, Json]]:
    """Every example and default that stands in the contract: its place, its value, its schema."""
    for place, node in objects_in(contract, "#"):
        schema = node.get("schema", node)
        for key in ("example", "default"):
            if key in node:
                yield f"{place}/{key}", node[key], schema
        for name, entry in node.get("examples", {}).items():
            yield f"{place}/examples/{name}", entry["value"], schema
