"""Changes of the real contract that break nobody."""

from typing import Any

from scripts.contract import Json
from tests.contract.changes import (
    CREATE,
    EVENTS,
    LIMIT,
    NEW,
    PATHS,
    PROJECT,
    PROJECTS,
    REGENERATE,
    SCHEMAS,
    SEARCH,
    Change,
    added,
    both,
    cut,
    find,
    put,
    without,
)


def renamed(contract: Json) -> None:
    """Another name for a schema that operations refer to."""
    schemas = contract["components"]["schemas"]
    schemas["ProjectView"] = schemas.pop("Project")
    schemas["ProjectResponse"]["properties"]["data"] = {"$ref": f"{SCHEMAS}/ProjectView"}


def reordered(node: Any) -> Any:
    """The same with every object and every list backwards; the first of several is no promise."""
    if isinstance(node, dict):
        return {key: reordered(value) for key, value in reversed(node.items())}
    return [reordered(child) for child in reversed(node)] if isinstance(node, list) else node


def redescribed(node: Any) -> None:
    """Another text wherever one is."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            redescribed(child)
    for key in ("description", "summary", "example"):
        if isinstance(node, dict) and isinstance(node.get(key), str):
            node[key] += "!"


SAFE: dict[str, Change] = {
    "a path is new": put(PATHS, **{"/flags": {"get": {"operationId": "list_flags"}}}),
    "a path is new that no id beside it is": put(PATHS, **{"/orchestrator/jobs/stats": {}}),
    "a path is new that no number beside it is": put(
        PATHS, **{"/projects/{projectId}/specs/latest": {}}
    ),
    "a path is new that is longer": put(PATHS, **{"/orchestrator/queues/stats/hours/all": {}}),
    "a path is new that comes after the old one": put(
        PATHS, **{"/orchestrator/{noun}/stats": {}, "/orchestrator/{path}": {}}
    ),
    "a method is new": put(f"{PROJECT}~1approve", delete={"operationId": "delete_approval"}),
    "an optional parameter is new": put(f"{PROJECTS}/get", parameters=added(NEW)),
    "a parameter takes more": put(f"{LIMIT}/schema", minimum=0, maximum=5000),
    "an integer of a request may have a fraction": put(f"{LIMIT}/schema", type="number"),
    "the style of a parameter is written out": put(SEARCH, style="form", explode=True),
    "a required parameter is optional": put(
        "#/components/parameters/ProjectId", required=False
    ),
    "an optional property of a request is new": put(
        f"{REGENERATE}/properties", tone={"type": "string"}
    ),
    "a kind of jobs takes a further property": put(
        f"{SCHEMAS}/HttpJobInput/properties", proxy={"type": "string"}
    ),
    "a kind of jobs takes more": put(f"{SCHEMAS}/HttpJobInput/properties/body", nullable=True),
    "a property of a request is optional": put(f"{SCHEMAS}/CreateExport", required=[]),
    "a property of a request has a default instead of being required": both(
        put(f"{SCHEMAS}/CreateExport", required=[]), put(f"{SCHEMAS}/RunId", default="run_1")
    ),
    "a body is optional": put(f"{CREATE}/requestBody", required=False),
    "a request loses its pattern": cut(f"{SEARCH}/schema", "pattern"),
    "a request may be null": put(f"{REGENERATE}/properties/feedback", nullable=True),
    "a request has another form too": put(
        f"{REGENERATE}/properties",
        feedback=lambda found: {"anyOf": [found, {"type": "boolean"}]},
    ),
    "a request may have a form of another type instead": put(
        f"{REGENERATE}/properties",
        feedback=lambda found: {"oneOf": [found, {"type": "boolean"}]},
    ),
    "a further part of a request says the same": put(
        f"{SCHEMAS}/ExportFormat", allOf=[{"type": "string"}]
    ),
    "an answer says that it has no more": put(
        f"{SCHEMAS}/EventFrame", additionalProperties=False
    ),
    "an operation will end": put(
        CREATE, deprecated=True, x_deprecated="2026-03-01", x_sunset="2027-03-01"
    ),
    "a body may be larger": put(CREATE, x_max_body=262145),
    "a body may be as large as the usual": cut(CREATE, "x-max-body"),
    "a limit is said that held already": put(f"{PROJECT}~1answers/post", x_max_body=1048576),
    "a limit is said where no body is": put(f"{PROJECTS}/get", x_max_body=1),
    "a media type of a request is new": put(
        f"{CREATE}/requestBody/content", **{"application/cbor": {"schema": {}}}
    ),
    "a request has more values": put(
        f"{EVENTS}/parameters/type", schema={"type": "string"}
    ),
    "a property of an answer is new": put(
        f"{SCHEMAS}/Project/properties", owner={"type": "string"}
    ),
    "a property of an answer is always there": put(
        f"{SCHEMAS}/Project", required=added("latestRun")
    ),
    "an answer is never null": cut(f"{SCHEMAS}/Task/properties/branchName", "nullable"),
    "an answer has fewer values": put(f"{SCHEMAS}/HealthStatus", enum=without("disabled")),
    "the limits of an answer are wider": put(
        f"{SCHEMAS}/Export/properties/fileName", maxLength=900
    ),
    "an error is new": put(
        f"{CREATE}/responses", **{"429": {"$ref": "#/components/responses/Unavailable"}}
    ),
    "an answer may be 304 for who asks": put(
        f"{CREATE}/responses", **{"304": {"$ref": "#/components/responses/NotModified"}}
    ),
    "answers are no longer kept, but tagged": cut(f"{PROJECT}/get", "x-kept"),
    "a header of an answer is new": put(
        f"{CREATE}/responses/201/headers", ETag={"schema": {"type": "string"}}
    ),
    "an operation needs no scope": cut(CREATE, "x-scope"),
    "an operation needs no key": put(CREATE, security=[]),
    "another credential is enough": put("#", security=added({"Session": []})),
    "a server is new": put("#", servers=added({"url": "https://eu.prazium.com/v1"})),
    "the texts are others": redescribed,
    "a schema is renamed": renamed,
    "a schema is written where it is used": lambda contract: find(
        contract, f"{SCHEMAS}/ProjectResponse/properties"
    ).value.update(data=find(contract, f"{SCHEMAS}/Project").value),
    "a reference is wrapped": put(
        f"{SCHEMAS}/RunResponse/properties", data={"allOf": [{"$ref": f"{SCHEMAS}/Run"}]}
    ),
    "one part of an answer may be null, but not the other": put(
        f"{SCHEMAS}/RunResponse/properties",
        data={"allOf": [{"$ref": f"{SCHEMAS}/Run"}, {"nullable": True}]},
    ),
    "everything is in another order": lambda contract: contract.update(
        {key: reordered(contract.pop(key)) for key in list(contract)}
    ),
}  # fmt: skip
