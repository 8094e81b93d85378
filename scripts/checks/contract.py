"""The contract itself: it is OpenAPI, its examples are valid, its events are whole."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema_rs import Draft4Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from scripts import generation
from scripts.contract import Json, operations, payload_name, resolve
from scripts.examples import example, written

ANNOTATIONS = {"nullable", "example", "examples", "default"}


def bundled() -> Json:
    """The contract as it stands in generated/."""
    contract: Json = json.loads(generation.BUNDLE.read_text(encoding="utf-8"))
    return contract


def is_openapi(contract: Json) -> Iterator[str]:
    """The bundle is valid OpenAPI 3.0."""
    for error in OpenAPIV30SpecValidator(contract).iter_errors():
        yield f"generated/openapi.json#/{'/'.join(map(str, error.path))}: {one_line(error.message)}"


def examples_are_valid(contract: Json) -> Iterator[str]:
    """Every example and default fits its schema, and so do the examples that are built of them."""
    components = {"schemas": converted(contract["components"]["schemas"], names=True)}
    for place, value, schema in [*written(contract), *built(contract)]:
        whole = {"allOf": [converted(schema)], "components": components}
        for error in Draft4Validator(whole, validate_formats=True).iter_errors(value):
            where = "/".join(map(str, error.instance_path))
            yield f"{place}: {one_line(error.message)} at /{where}"


def built(contract: Json) -> Iterator[tuple[str, Any, Json]]:
    """What docs/API.md shows as the bodies of success: place, value, schema."""
    for _, _, operation in operations(contract):
        for status, response in operation["responses"].items():
            content = resolve(contract, response).get("content", {})
            if status < "400" and "application/json" in content:
                schema = content["application/json"]["schema"]
                place = f"{operation['operationId']}, the example of answer {status}"
                yield place, example(contract, schema), schema


def converted(node: Any, names: bool = False) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema draft 4; `names` says that the keys are names."""
    if isinstance(node, list):
        return [converted(child) for child in node]
    if not isinstance(node, dict):
        return node
    slim = {
        key: converted(child, names=not names and key == "properties")
        for key, child in node.items()
        if names or key not in ANNOTATIONS
    }
    return {"anyOf": [{"enum": [None]}, slim]} if not names and node.get("nullable") else slim


EVENT_NAME = re.compile(r"([A-Z][a-z]+){2}ed")


def events_are_whole(contract: Json) -> Iterator[str]:
    """Each event type has its payload in a file of spec/ and in openapi.yaml, and vice versa.

    Beside them openapi.yaml lists what no operation refers to, as the inputs of kinds of jobs.
    """
    types = contract["components"]["schemas"]["EventType"]["enum"]
    payloads = {payload_name(name): name for name in types}
    listed = read_yaml("openapi.yaml")["components"]["schemas"]
    for schema, name in payloads.items():
        file, _, place = listed.get(schema, {}).get("$ref", "").partition("#")
        if place != f"/schemas/{schema}":
            yield f"{name}: list {schema} in openapi.yaml under components.schemas"
        elif schema not in read_yaml(file)["schemas"]:
            yield f"{name}: write the schema {schema} in {file}"
    for schema in listed.keys() - payloads.keys():
        if EVENT_NAME.fullmatch(schema):
            yield f"{schema} is listed in openapi.yaml, but is no type of EventType"


def read_yaml(name: str) -> Json:
    """A file of the hand-written contract."""
    document: Json = yaml.safe_load((generation.ROOT / name).read_text(encoding="utf-8"))
    return document


def one_line(text: str) -> str:
    """A message without its line breaks, cut at 200 characters."""
    return " ".join(text.split())[:200]
