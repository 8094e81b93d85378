"""From the hand-written contract to everything in `generated/` and to `docs/API.md`.

The order is that of the data: lint, bundle, hoist, then each output from the one bundle.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts import pages, reference, sdk

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "scripts" / "node"
BIN = Path(sys.executable).parent
BUNDLE = ROOT / "generated" / "openapi.json"
CONSTRAINTS = {
    "pattern",
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maximum",
    "minimum",
    "maxProperties",
    "minProperties",
    "example",
}
NULL = {"type": "null"}

Json = dict[str, Any]


class GenerationFailed(Exception):
    """A generator ended with an error; the message is its output."""


def generate() -> Json:
    """Write every generated file and return the bundled contract."""
    install_node_programs()
    BUNDLE.parent.mkdir(exist_ok=True)
    (BUNDLE.parent / "__init__.py").touch()
    contract = hoist_parameters(bundle())
    write_json(BUNDLE, contract)
    write_models(contract)
    sdk.write_python(contract, ROOT)
    (ROOT / "docs" / "API.md").write_text(reference.markdown(contract), encoding="utf-8")
    pages.write_page(
        contract, package(pages.PACKAGE), ROOT / "sdk" / "reference", BUNDLE.parent / "reference"
    )
    return contract


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a program of the virtual environment and return its output.

    Raises: GenerationFailed with the output if it does not exit with 0.
    """
    env = os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise GenerationFailed(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def install_node_programs() -> None:
    """Install Redocly from the lock file unless that very lock is installed already."""
    lock = (NODE / "package-lock.json").read_bytes()
    stamp = NODE / "node_modules" / ".lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        run(BIN / "npm", "ci", "--no-audit", "--no-fund", cwd=NODE)
        stamp.write_bytes(lock)


def package(name: str) -> Path:
    """The archive of an npm package, `name@version`; nothing of it is installed or run."""
    archive = NODE / "node_modules" / f".{name.replace('@', '-')}.tgz"
    if not archive.exists():
        with tempfile.TemporaryDirectory() as folder:
            run(BIN / "npm", "pack", name, "--pack-destination", folder, "--ignore-scripts")
            shutil.copyfile(next(Path(folder).glob("*.tgz")), archive)
    return archive


def redocly(*arguments: str) -> str:
    """Run the Redocly CLI with the house's configuration."""
    return run(BIN / "node", NODE / "node_modules/.bin/redocly", *arguments)


def lint() -> str:
    """Hold the contract against Redocly's recommended rules and the house rules."""
    install_node_programs()
    return redocly("lint", "openapi.yaml", "--config", "redocly.yaml", "--format", "stylish")


def bundle() -> Json:
    """Join openapi.yaml and spec/ into one document."""
    target = ROOT / "generated" / ".bundle.json"
    redocly(
        "bundle", "openapi.yaml", "--output", str(target),
        "--component-renaming-conflicts-severity", "error",
    )  # fmt: skip
    try:
        document: Json = json.loads(target.read_text(encoding="utf-8"))
    finally:
        target.unlink()
    return document


def hoist_parameters(contract: Json) -> Json:
    """Move path-level parameters into the operations: Connexion counts them once per middleware."""
    for item in contract["paths"].values():
        shared = item.pop("parameters", [])
        for _, operation in operations_of(item):
            operation["parameters"] = [*shared, *operation.get("parameters", [])]
    return contract


def operations_of(item: Json) -> Iterator[tuple[str, Json]]:
    """The operations of a path item as pairs of method and operation."""
    methods = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
    yield from ((method, item[method]) for method in methods if method in item)


def write_models(contract: Json) -> None:
    """Make the server types: msgspec Structs without constraints, which the validators hold."""
    schemas = {
        name: without_constraints(schema)
        for name, schema in contract["components"]["schemas"].items()
        if "success" not in schema.get("properties", {}) and name != "Success"
    }
    slim = {"openapi": "3.0.3", "info": contract["info"], "paths": {}}
    source = ROOT / "generated" / ".types.json"
    write_json(source, slim | {"components": {"schemas": schemas}})
    try:
        run(
            BIN / "datamodel-codegen", "--input", source, "--input-file-type", "openapi",
            "--output", ROOT / "generated" / "models.py",
            "--output-model-type", "msgspec.Struct", "--snake-case-field", "--use-annotated",
            "--use-union-operator", "--strict-nullable", "--output-datetime-class", "datetime",
            "--use-schema-description", "--collapse-root-models", "--keyword-only",
            "--enum-field-as-literal", "one", "--target-python-version", "3.11",
            "--deserialize-default-values", "enum",
            "--formatters", "ruff-format", "--custom-file-header",
            '"""Server types, generated from the contract by scripts/generate."""',
        )  # fmt: skip
    finally:
        source.unlink()


def without_constraints(node: Any) -> Any:
    """The schema with its types alone; descriptions stay where a schema is named."""
    if isinstance(node, list):
        return [without_constraints(child) for child in node]
    if not isinstance(node, dict):
        return node
    slim = {key: value for key, value in node.items() if key not in CONSTRAINTS}
    if node.get("type") != "object" and "enum" not in node:
        slim = without_description(slim)
    if "properties" in slim:
        slim["properties"] = {
            name: without_description(without_constraints(child))
            for name, child in slim["properties"].items()
        }
        slim["properties"] |= erasable(slim)
    return {
        key: value if key == "properties" else without_constraints(value)
        for key, value in slim.items()
    }


def erasable(schema: Json) -> Json:
    """Properties that may be absent or null in a form that keeps both apart: UNSET is not None."""
    return {
        name: {"anyOf": [{key: part for key, part in child.items() if key != "nullable"}, NULL]}
        for name, child in schema["properties"].items()
        if child.get("nullable") and name not in schema.get("required", [])
    }


def without_description(schema: Json) -> Json:
    """The schema without its description."""
    return {key: value for key, value in schema.items() if key != "description"}


def write_json(path: Path, document: Json) -> None:
    """Write a document so that two runs give the same bytes."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
