"""Answers made from the examples of the contract."""

from typing import Any

Json = dict[str, Any]


def example(schema: Json, contract: Json) -> Any:
    """A value of a schema, from the nearest examples."""
    if "$ref" in schema:
        return example(
            contract["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], contract
        )
    if "allOf" in schema:
        return example(schema["allOf"][0], contract)
    if "properties" in schema:
        return {name: example(part, contract) for name, part in schema["properties"].items()}
    if schema.get("type") == "array" and "example" not in schema:
        return [example(schema["items"], contract)]
    return schema.get("example")


def answer_of(operation: Json, contract: Json) -> tuple[int, Any]:
    """The status and an example body of an operation's success; the body may be None.

    Of several successes it is the one that has made something.
    """
    for status, response in sorted(operation["responses"].items(), reverse=True):
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content:
            return int(status), example(content["schema"], contract)
    return 204, None
