"""The columns of the house: tag and module, operation and functions, error code and class."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.contract import Json, failures, is_public, operations
from scripts.generation import ROOT
from scripts.reference import status_of_responses
from services import errors

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tags_are_modules(contract: Json) -> Iterator[str]:
    """Each tag is a module of handlers/ and of services/, and each module of handlers/ a tag."""
    tags = {tag["name"] for tag in contract["tags"]}
    for tag in sorted(tags):
        for folder in ("handlers", "services"):
            if not (ROOT / folder / f"{tag}.py").exists():
                yield f"the tag {tag} has no {folder}/{tag}.py"
    for path in sorted((ROOT / "handlers").glob("[!_]*.py")):
        if path.stem not in tags:
            yield f"handlers/{path.name} has no tag in openapi.yaml"


def operations_are_functions(contract: Json) -> Iterator[str]:
    """Each operation is a function of its name in the handler and in the service.

    A service that is too long for one file goes on in others that begin with its name. The first
    parameter of both is ctx, or app where there is no caller.
    """
    for _, _, operation in operations(contract):
        name, tag = operation["operationId"], operation["tags"][0]
        first = "app" if is_public(operation) else "ctx"
        for folder in ("handlers", "services"):
            found = column(folder, tag).get(name)
            if found is None:
                yield f"{folder}/{tag}.py has no function {name}"
            elif first_parameter(found) != first:
                yield f"{folder}/{tag}.py: {name} must take {first} as its first parameter"
            elif folder == "handlers" and not isinstance(found, ast.AsyncFunctionDef):
                yield f"handlers/{tag}.py: {name} must be async"


def handlers_are_operations(contract: Json) -> Iterator[str]:
    """Each function of a handler module that takes ctx or app is an operation of that tag."""
    for tag in (tag["name"] for tag in contract["tags"]):
        known = {operation["operationId"] for _, _, operation in operations(contract, tag)}
        for name, function in functions(ROOT / "handlers" / f"{tag}.py").items():
            if (
                first_parameter(function) in ("ctx", "app")
                and not name.startswith("_")
                and name not in known
            ):
                yield f"handlers/{tag}.py: {name} is no operation of the tag {tag}"


def column(folder: str, tag: str) -> dict[str, Function]:
    """The functions of a noun in a folder."""
    more = sorted((ROOT / "services").glob(f"{tag}_*.py")) if folder == "services" else []
    found: dict[str, Function] = {}
    for path in (*more, ROOT / folder / f"{tag}.py"):
        found |= functions(path)
    return found


def functions(path: Path) -> dict[str, Function]:
    """The functions of a module by name; none if there is no module."""
    if not path.exists():
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, Function)}


def first_parameter(function: Function) -> str | None:
    """The name of the first parameter."""
    return next((argument.arg for argument in function.args.args), None)


def errors_are_classes(contract: Json) -> Iterator[str]:
    """Each error code has classes with the status that the contract gives it, and a message."""
    statuses = status_of_codes(contract)
    classes = list(family(errors.PraziumError))
    missing = contract["components"]["schemas"]["ErrorCode"]["enum"]
    for code in sorted(set(missing) - {found.code.value for found in classes}):
        yield f"services/errors.py has no class with the code {code}"
    for found in classes:
        expected = statuses.get(found.code.value, found.status)
        if found.status != expected:
            yield f"{found.__name__} has status {found.status}, the contract says {expected}"
        if not found.__doc__:
            yield f"{found.__name__} needs a docstring; it is the message"


def status_of_codes(contract: Json) -> dict[str, int]:
    """The status that goes with an error code, by the shared responses."""
    statuses = status_of_responses(contract)
    return {failure.code: int(statuses[failure.response]) for failure in failures(contract)}


def family(parent: type[errors.PraziumError]) -> Iterator[type[errors.PraziumError]]:
    """A class and all below it."""
    yield parent
    for child in parent.__subclasses__():
        yield from family(child)
