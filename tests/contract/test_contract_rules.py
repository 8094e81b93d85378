"""Each house rule of redocly.yaml finds the violation that is planted here, and names the fix."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from scripts import generation

Json = dict[str, Any]
RULES: Json = yaml.safe_load((generation.ROOT / "redocly.yaml").read_text())["rules"]
HOUSE_RULES = {name: rule for name, rule in RULES.items() if name.startswith("rule/")}


class Plant(NamedTuple):
    """A violation: where it is planted, what is changed there, and where it is found."""

    file: str
    pointer: str
    change: Callable[[Any], object]
    found: str


def setting(**values: Any) -> Callable[[Any], object]:
    return lambda node: node.update(values)


def without(*keys: str) -> Callable[[Any], object]:
    return lambda node: [node.pop(key) for key in keys]


def operation(file: str, path: str, change: Callable[[Any], object], found: str = "") -> Plant:
    return Plant(f"spec/{file}.yaml", f"/paths/{path}", change, found)


def schema(file: str, path: str, change: Callable[[Any], object], found: str = "") -> Plant:
    return Plant(f"spec/{file}.yaml", f"/schemas/{path}", change, found)


def parameter(path: str, change: Callable[[Any], object], found: str = "") -> Plant:
    return Plant("spec/shared.yaml", f"/parameters/{path}", change, found)


def without_first(node: list[Json]) -> None:
    del node[0]


def secured_without_scope(node: Json) -> None:
    node["security"] = [{"ApiKey": []}]
    del node["x-scope"]


PLANTS = {
    "rule/operation-id": operation(
        "projects", "projects/post", setting(operationId="createProject"), "/operationId"
    ),
    "rule/one-tag": operation(
        "projects", "projects/get", setting(tags=["projects", "runs"]), "/tags"
    ),
    "rule/scope-by-default": operation("projects", "project/get", without("x-scope")),
    "rule/scope-of-secured": operation("projects", "project/patch", secured_without_scope),
    "rule/scope-of-public": operation(
        "system", "health/get", setting(**{"x-scope": "admin"}), "/x-scope"
    ),
    "rule/scope-form": operation(
        "runs", "run/get", setting(**{"x-scope": "read runs"}), "/x-scope"
    ),
    "rule/deprecated-dates": operation("tasks", "task/get", setting(deprecated=True)),
    "rule/sunset-of-deprecated": operation(
        "specs", "spec/get", setting(**{"x-sunset": "2027-03-01"})
    ),
    "rule/deprecated-form": operation(
        "runs",
        "cancel/post",
        setting(**{"deprecated": True, "x-deprecated": "soon", "x-sunset": "2027-03-01"}),
        "/x-deprecated",
    ),
    "rule/sunset-form": operation(
        "runs",
        "retry/post",
        setting(**{"deprecated": True, "x-deprecated": "2026-03-01", "x-sunset": "later"}),
        "/x-sunset",
    ),
    "rule/property-description": schema("runs", "Run/properties/createdAt", without("description")),
    "rule/property-example": schema("runs", "Run/properties/startedAt", without("example")),
    "rule/object-description": schema("runs", "RunSummary", without("description")),
    "rule/object-closed": schema("runs", "Plan", without("additionalProperties")),
    "rule/array-bound": schema("runs", "Plan/properties/tasks", without("maxItems")),
    "rule/integer-bounds": schema("runs", "RunNumber", without("maximum")),
    "rule/id-pattern": schema("shared", "Error/properties/requestId", without("pattern")),
    "rule/id-parameter-pattern": schema("shared", "TaskId", without("pattern")),
    "rule/header-string": operation(
        "events",
        "stream/get/parameters/0/schema",
        setting(type="integer", minimum=0, maximum=9),
        "/type",
    ),
    "rule/page-bound": parameter("PageSize/schema", setting(maximum=5000), "/maximum"),
    "rule/idempotency-key": operation("runs", "retry/post/parameters", without_first, ""),
    "rule/idempotency-responses": operation("runs", "cancel/post/responses", without("422")),
    "rule/idempotency-replayed": operation(
        "projects", "project/patch/responses/200/headers", without("Idempotency-Replayed")
    ),
    "rule/error-by-ref": operation(
        "tasks",
        "tasks/get/responses",
        setting(**{"404": {"description": "Not found."}}),
        "/404",
    ),
    "rule/any-responses": operation("system", "health/get/responses", without("500")),
    "rule/secured-responses": operation("exports", "exports/get/responses", without("401")),
    "rule/path-parameter-responses": operation("files", "refs/get/responses", without("404")),
    "rule/body-responses": operation("specs", "answers/post/responses", without("413")),
}


def plant(folder: Path, violation: Plant) -> None:
    path = folder / violation.file
    document = node = yaml.safe_load(path.read_text())
    for key in violation.pointer.strip("/").split("/"):
        node = node[int(key)] if isinstance(node, list) else node[key]
    violation.change(node)
    path.write_text(yaml.safe_dump(document, sort_keys=False))


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, str, str]]:
    """Rule, file, pointer and message of all that is found when every violation is planted."""
    folder = tmp_path_factory.mktemp("contract")
    for name in ("openapi.yaml", "redocly.yaml"):
        shutil.copy(generation.ROOT / name, folder)
    shutil.copytree(generation.ROOT / "spec", folder / "spec")
    for violation in PLANTS.values():
        plant(folder, violation)
    return {
        (found["ruleId"], location["source"]["ref"], location["pointer"], found["message"])
        for found in lint(folder)
        for location in found["location"]
    }


def lint(folder: Path) -> list[Json]:
    generation.install_node_programs()
    program = generation.NODE / "node_modules/.bin/redocly"
    done = subprocess.run(
        [generation.BIN / "node", program, "lint", "openapi.yaml", "--config", "redocly.yaml",
         "--format", "json", "--max-problems", "10000"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    found: list[Json] = json.loads(done.stdout)["problems"]
    return found


def test_the_contract_keeps_every_rule() -> None:
    generation.lint()


def test_every_house_rule_has_a_planted_violation() -> None:
    assert PLANTS.keys() == HOUSE_RULES.keys()


@pytest.mark.parametrize("rule", PLANTS)
def test_a_violation_is_found_with_the_message_that_says_the_fix(
    rule: str, problems: set[tuple[str, str, str, str]]
) -> None:
    violation = PLANTS[rule]
    pointer = f"#{violation.pointer}{violation.found}"
    assert (rule, violation.file, pointer, HOUSE_RULES[rule]["message"]) in problems
