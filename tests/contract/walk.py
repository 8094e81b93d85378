"""The operations of the contract, and what must be true of every answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import pytest

from scripts.examples import example
from scripts.generation import BUNDLE
from services.schemas import Schemas

Json = dict[str, Any]
CONTRACT: Json = json.loads(BUNDLE.read_text(encoding="utf-8"))
COMPONENTS: Json = CONTRACT["components"]
SCHEMAS = Schemas(CONTRACT)
CODES: list[str] = COMPONENTS["schemas"]["ErrorCode"]["enum"]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
UNKNOWN = {
    "projectId": "proj_01kb0r5v8wf5qtx1c9ht2kq6mz",
    "runId": "run_01kb0r6sc2e6ha4z8m3x7jv9wd",
    "taskId": "task_01kb0r6sd3fznb5w0c4y8kt1qe",
    "exportId": "exp_01kb0rb1x4gs8v6rj2n5d9m3pt",
    "scheduleId": "sch_01kb0rf4s6jtx9z2vm5r8q1w7y",
    "graphId": "run_01kb0r6sc2e6ha4z8m3x7jv9wd",
    "jobId": "job_01kb0rd2y5hqv7w9sk3p6n8r4t",
}
FIXED = {
    "version": "1",
    "queue": "walked",
    "path": "README.md",
    "name": "start.js",
    "kind": "seed.missing",
}


def resolved(node: Json) -> Json:
    """A part of the contract, or the component that it refers to."""
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    found: Json = COMPONENTS[kind][name]
    return found


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    template: str
    raw: Json

    @property
    def scope(self) -> str:
        """The scope that a key needs; empty for a public operation."""
        return str(self.raw.get("x-scope", ""))

    @property
    def body_schema(self) -> Json | None:
        """The schema of its JSON body."""
        if "requestBody" not in self.raw:
            return None
        return resolved(self.raw["requestBody"]["content"]["application/json"]["schema"])

    def parameters(self, place: str) -> list[Json]:
        """Its parameters in the path, the query or the headers."""
        return [p for p in map(resolved, self.raw["parameters"]) if p["in"] == place]

    def path(self, ids: Mapping[str, str]) -> str:
        """Its path with these values."""
        return self.template.format(**FIXED | dict(ids))

    def body(self, ids: Mapping[str, str]) -> Json | None:
        """An example of its body, with these ids."""
        if self.body_schema is None:
            return None
        made: Json = example(CONTRACT, self.body_schema)
        return {name: ids.get(name, value) for name, value in made.items()}

    def request(self, ids: Mapping[str, str]) -> Json:
        """What httpx needs to call it."""
        body = self.body(ids)
        call: Json = {"method": self.method, "url": self.path(ids)}
        return call if body is None else call | {"json": body}


OPERATIONS = [
    Operation(raw["operationId"], method.upper(), path, raw)
    for path, item in CONTRACT["paths"].items()
    for method, raw in item.items()
]
BY_ID = {operation.id: operation for operation in OPERATIONS}
SECURED = [operation for operation in OPERATIONS if operation.scope]
WITH_BODY = [operation for operation in OPERATIONS if operation.body_schema]
PATHS = sorted(CONTRACT["paths"])


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    """Run a test for each of the operations."""
    return pytest.mark.parametrize("operation", operations, ids=[o.id for o in operations])


def ask(
    http: httpx.Client, operation: Operation, ids: Mapping[str, str], **more: Any
) -> httpx.Response:
    """Call an operation; its answer has been held against the contract."""
    answer = http.request(**operation.request(ids) | more)
    check(answer)
    check_documented(operation, answer)
    return answer


def check(answer: httpx.Response) -> None:
    """What is true of every answer: a request id, no sniffing, errors in the contract's body."""
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert answer.headers["content-type"] == "application/json"
        body = answer.json()
        problems = [e.message for e in schema_of("ErrorBody").iter_errors(body)]
        assert not problems, problems
        assert body["error"]["requestId"] == answer.headers["x-request-id"]


def check_documented(operation: Operation, answer: httpx.Response) -> None:
    """The status, its headers and its body are those of the contract."""
    documented = operation.raw["responses"].get(str(answer.status_code))
    assert documented, f"{operation.id}: {answer.status_code} is not documented: {answer.text}"
    response = resolved(documented)
    headers = response.get("headers", {})
    always = [name for name, header in headers.items() if resolved(header).get("required", True)]
    missing = [name for name in always if name not in answer.headers]
    assert not missing, f"{operation.id}: {answer.status_code} lacks {missing}"
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    content = response.get("content", {})
    assert media_type in content or (not content and not media_type)
    if media_type == "application/json":
        validator = SCHEMAS.compile(content[media_type]["schema"])
        problems = [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(answer.json())]
        assert not problems, problems


@cache
def schema_of(name: str) -> jsonschema_rs.Draft4Validator:
    """A schema of the contract, compiled."""
    return SCHEMAS.compile({"$ref": f"#/components/schemas/{name}"})


def fields(answer: httpx.Response) -> list[str]:
    """The fields that a validation error names."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), answer.text
    return [entry["field"] for entry in error["details"]]
