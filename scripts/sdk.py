"""The client packages from the bundled contract and the runtime in sdk/.

The Python client has three parts: models and calls, which openapi-python-client makes from a copy
of the contract with our templates; small modules, which are rendered here; and the hand-written
runtime, of which the synchronous half is made from the asynchronous one.
"""

import copy
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import openapi_python_client
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from openapi_python_client.config import Config, ConfigFile, MetaType

from scripts.contract import failures, resolve

Json = dict[str, Any]

RAW = {"Event", "EventFrame", "Error"}  # The runtime has better forms of these.
DETAILS = {"VALIDATION_ERROR": "FieldErrors", "CONFLICT": "StateConflict"}
SYNCHRONOUS = (
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync(?=contextmanager)", ""),
    (r"\b__a(?=iter__|enter__|exit__)", "__"),
    (r"\ba(?=close\(|read\(|iter_bytes\()", ""),
    (r"\basyncio\b", "time"),
    (
        r"asynchronous client\. `_sync` is made from it: edit here",
        "synchronous client, made from `_async`",
    ),
)


class SdkFailed(Exception):
    """A client could not be made from the contract; the message is the generator's output."""


def write_python(contract: Json, root: Path) -> None:
    """Make generated/python from the contract and sdk/python; stale files are removed.

    Raises: SdkFailed.
    """
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "python"
        build_python(contract, root / "sdk" / "python", draft)
        replace_tree(draft, root / "generated" / "python")


def build_python(contract: Json, source: Path, target: Path) -> None:
    """Build the whole package in a new folder."""
    package = target / "prazium"
    shutil.copytree(source / "prazium", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "README.md", target)
    (package / "_sync").mkdir()
    for module in sorted((package / "_async").glob("*.py")):
        text = synchronous(module.read_text(encoding="utf-8"))
        (package / "_sync" / module.name).write_text(text, encoding="utf-8")
    generate_calls(client_contract(contract), source / "templates", package / "_generated")
    render(contract, source / "templates", target)
    tidy(target)


def synchronous(source: str) -> str:
    """The synchronous form of an asynchronous module."""
    for pattern, replacement in SYNCHRONOUS:
        source = re.sub(pattern, replacement, source)
    return source


def client_contract(contract: Json) -> Json:
    """The contract as the generator is to see it.

    Failures, streams and archives are read by the runtime, so only the JSON answers stay; headers
    that the gateway obeys are written by it. What the service sends may grow: an absent field is
    None, an unknown one is kept.
    """
    adapted = copy.deepcopy(contract)
    for operation in operations(adapted):
        operation["responses"] = {"200": success(operation)}
        operation["parameters"] = [
            each for each in operation["parameters"] if "x-gateway" not in resolve(contract, each)
        ]
    schemas = adapted["components"]["schemas"]
    schemas["Success"] = {"type": "boolean"}
    schemas["ErrorBody"]["properties"]["success"] = {"type": "boolean"}
    sent = set(reachable([op.get("requestBody") for op in operations(adapted)], schemas))
    for name, schema in schemas.items():
        if name not in sent and "properties" in schema:
            schemas[name] = tolerant(schema, schemas)
    return adapted


def operations(contract: Json) -> Iterator[Json]:
    """The operations of the contract in its order."""
    for item in contract["paths"].values():
        yield from (part for part in item.values() if "operationId" in part)


def success(operation: Json) -> Json:
    """The one JSON answer of an operation, or an empty one."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and [*response.get("content", {})] == ["application/json"]:
            return {"description": response["description"], "content": response["content"]}
    return {"description": "Read by the runtime."}


def reachable(node: Any, schemas: Json) -> Iterator[str]:
    """The names of all schemas that a node refers to."""
    if isinstance(node, list):
        for child in node:
            yield from reachable(child, schemas)
    elif isinstance(node, dict):
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            yield name
            yield from reachable(schemas[name], schemas)
        yield from reachable(list(node.values()), schemas)


def tolerant(schema: Json, schemas: Json) -> Json:
    """The schema of an object that the service sends; a default is for those who send."""
    required = schema.get("required", [])
    properties = {
        name: undefaulted(part) if name in required else optional(undefaulted(part), schemas)
        for name, part in schema["properties"].items()
    }
    return schema | {
        "required": list(properties),
        "properties": properties,
        "additionalProperties": True,
    }


def undefaulted(part: Json) -> Json:
    """The schema without its default."""
    return {key: value for key, value in part.items() if key != "default"}


def optional(part: Json, schemas: Json) -> Json:
    """The schema of a field that may be absent, which a caller sees as None."""
    if "$ref" not in part:
        return part | {"nullable": True}
    description = schemas[part["$ref"].rsplit("/", 1)[1]]["description"]
    return {"nullable": True, "description": description, "allOf": [part]}


def generate_calls(contract: Json, templates: Path, target: Path) -> None:
    """Let openapi-python-client write the models and one module for each operation.

    Raises: SdkFailed at the first warning.
    """
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(contract), encoding="utf-8")
        config = Config.from_sources(
            ConfigFile(literal_enums=True, package_name_override="_generated", post_hooks=[]),
            MetaType.NONE,
            document_source=document,
            file_encoding="utf-8",
            overwrite=False,
            output_path=target,
        )
        with redirect_stdout(StringIO()):
            problems = openapi_python_client.generate(config=config, custom_template_path=templates)
    if problems:
        raise SdkFailed("\n".join(f"{each.header}\n{each.detail}" for each in problems))
    for unused in ("client.py", "errors.py"):
        (target / unused).unlink()


def render(contract: Json, templates: Path, target: Path) -> None:
    """Write the modules that are tables of the contract, and pyproject.toml."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {
        "version": contract["info"]["version"],
        "base_url": contract["servers"][0]["url"],
        "errors": error_classes(contract),
        "payloads": payloads(contract),
        "models": public_models(contract),
    }
    for name in (
        "pyproject.toml",
        *(f"prazium/{each.stem}" for each in (templates / "prazium").iterdir()),
    ):
        text = environment.get_template(f"{name}.jinja").render(values)
        (target / name).write_text(text, encoding="utf-8")


def error_classes(contract: Json) -> list[dict[str, str]]:
    """Code, class name, base class and meaning of each error code."""
    meanings = {failure.code: failure.meaning for failure in failures(contract)}
    return [
        {
            "code": code,
            "name": camel(code).removesuffix("Error") + "Error",
            "base": DETAILS.get(code, "APIError"),
            "meaning": meanings.get(code, f"The service answered {code}."),
        }
        for code in contract["components"]["schemas"]["ErrorCode"]["enum"]
    ]


def payloads(contract: Json) -> list[dict[str, str]]:
    """Each event type and the schema of its payload: TASK_STARTED, TaskStarted."""
    types = contract["components"]["schemas"]["EventType"]["enum"]
    return [{"type": each, "model": camel(each)} for each in types]


def public_models(contract: Json) -> list[str]:
    """The objects and literals that a caller meets: not envelopes, ids and other plain texts."""
    return sorted(
        name
        for name, schema in contract["components"]["schemas"].items()
        if name not in RAW
        and "success" not in schema.get("properties", {})
        and ("properties" in schema or (schema.get("type") == "string" and "enum" in schema))
    )


def camel(constant: str) -> str:
    """TASK_STARTED as TaskStarted."""
    return "".join(word.capitalize() for word in constant.split("_"))


def tidy(target: Path) -> None:
    """Sort and drop imports, then format.

    Raises: SdkFailed if the code does not parse.
    """
    settings = ("--isolated", "--no-cache", "--line-length", "100", "--target-version", "py311")
    select = ("--select", "F401,F811,I", "--fix", "--per-file-ignores", "__init__.py:F401")
    for command in (("check", *select), ("format",)):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, "."],
            cwd=target,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SdkFailed(done.stdout + done.stderr)


def replace_tree(draft: Path, target: Path) -> None:
    """Put a finished folder in the place of the old one."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(draft, target)
