"""Changes of the real contract that break clients, with what the gate must find and where."""

from tests.contract.changes import (
    CREATE,
    DOWNLOAD,
    PATHS,
    PROJECT,
    QUEUES,
    SCHEMAS,
    Break,
    added,
    both,
    cut,
    put,
    without,
)
from tests.contract.request_breaks import REQUEST_BREAKS

BREAKS = {
    **REQUEST_BREAKS,
    "a path is removed": Break("path-removed", f"{PATHS}/~1health", cut(PATHS, "/health")),
    "a path is moved": Break(
        "path-removed",
        f"{PATHS}/~1admin~1stats",
        lambda contract: contract["paths"].update(
            {"/admin/figures": contract["paths"].pop("/admin/stats")}
        ),
    ),
    "a path is new that had been a value of one beside it": Break(
        "calls-taken", f"{QUEUES}~1stats", put(PATHS, **{"/orchestrator/queues/stats": {}})
    ),
    "a path is new that had been a number": Break(
        "calls-taken", f"{PROJECT}~1specs~17", put(PATHS, **{"/projects/{projectId}/specs/7": {}})
    ),
    "a path is new that had been a value in the middle of one": Break(
        "calls-taken",
        f"{QUEUES}~1all~1{{verb}}",
        put(PATHS, **{"/orchestrator/queues/all/{verb}": {}}),
    ),
    "a path is new that had been the rest of one": Break(
        "calls-taken",
        f"{PROJECT}~1files~1raw~1{{name}}",
        put(PATHS, **{"/projects/{projectId}/files/raw/{name}": {}}),
    ),
    "a method is removed": Break("method-removed", f"{PROJECT}/delete", cut(PROJECT, "delete")),
    "an operation is renamed": Break(
        "operation-id-changed",
        f"{CREATE}/operationId",
        put(CREATE, operationId="create_app"),
    ),
    "an operation id is removed": Break(
        "operation-id-changed", f"{CREATE}/operationId", cut(CREATE, "operationId")
    ),
    "an operation moves to another tag": Break(
        "tag-changed", f"{CREATE}/tags", put(CREATE, tags=["runs"])
    ),
    "the base path is another": Break(
        "server-path-changed",
        "#/servers",
        put("#", servers=lambda found: [{"url": s["url"].replace("v1", "v2")} for s in found]),
    ),
    "a public operation needs a key": Break(
        "security-added",
        f"{PATHS}/~1health/get/security",
        put(f"{PATHS}/~1health/get", security=[{"ApiKey": []}]),
    ),
    "a second credential is needed everywhere": Break(
        "security-added", "#/security", put("#", security=[{"ApiKey": [], "Totp": []}])
    ),
    "the key is sent in another place": Break(
        "security-scheme-changed",
        "#/components/securitySchemes/ApiKey/scheme",
        put("#/components/securitySchemes/ApiKey", scheme="basic"),
    ),
    "a scope is another": Break(
        "scope-changed", f"{CREATE}/x-scope", put(CREATE, x_scope="projects:create")
    ),
    "an operation ends sooner": Break(
        "sunset-earlier",
        f"{CREATE}/x-sunset",
        put(CREATE, x_sunset="2027-02-28"),
        put(CREATE, deprecated=True, x_deprecated="2026-03-01", x_sunset="2027-03-01"),
    ),
    "an operation without a scope has one": Break(
        "scope-changed",
        f"{CREATE}/x-scope",
        put(CREATE, x_scope="projects:write"),
        cut(CREATE, "x-scope"),
    ),
    "a success is removed": Break(
        "status-removed", f"{CREATE}/responses/201", cut(f"{CREATE}/responses", "201")
    ),
    "a documented error is removed": Break(
        "status-removed", f"{CREATE}/responses/409", cut(f"{CREATE}/responses", "409")
    ),
    "a success is new": Break(
        "status-added",
        f"{CREATE}/responses/202",
        put(f"{CREATE}/responses", **{"202": {"description": "Later."}}),
    ),
    "a media type of an answer is removed": Break(
        "response-media-type-removed",
        f"{DOWNLOAD}/content/application~1gzip",
        cut(f"{DOWNLOAD}/content", "application/gzip"),
    ),
    "an answer has no body": Break(
        "response-media-type-removed",
        f"{CREATE}/responses/201/content/application~1json",
        cut(f"{CREATE}/responses/201", "content"),
    ),
    "a header of an answer is removed": Break(
        "header-removed",
        f"{CREATE}/responses/201/headers/Location",
        cut(f"{CREATE}/responses/201/headers", "Location"),
    ),
    "a header of an answer may be absent": Break(
        "header-optional",
        f"{CREATE}/responses/201/headers/Location",
        cut(f"{CREATE}/responses/201/headers/Location", "required"),
        put(f"{CREATE}/responses/201/headers/Location", required=True),
    ),
    "a header of an answer is a number": Break(
        "type-changed",
        "#/components/responses/Unavailable/headers/Retry-After/schema/type",
        put("#/components/responses/Unavailable/headers/Retry-After/schema", type="integer"),
    ),
    "a property of an answer is removed": Break(
        "response-property-removed",
        f"{SCHEMAS}/Project/properties/repoPath",
        cut(f"{SCHEMAS}/Project/properties", "repoPath"),
    ),
    "a required property of an answer is removed": Break(
        "response-property-removed",
        f"{SCHEMAS}/Project/properties/repoPath",
        both(
            cut(f"{SCHEMAS}/Project/properties", "repoPath"),
            put(f"{SCHEMAS}/Project", required=without("repoPath")),
        ),
    ),
    "an optional property of an answer is removed": Break(
        "response-property-removed",
        f"{SCHEMAS}/Export/properties/sha256",
        cut(f"{SCHEMAS}/Export/properties", "sha256"),
    ),
    "a property of an answer may be absent": Break(
        "response-property-optional",
        f"{SCHEMAS}/Project/properties/repoPath",
        put(f"{SCHEMAS}/Project", required=without("repoPath")),
    ),
    "a property of an answer that nobody declares may be absent": Break(
        "response-property-optional",
        f"{SCHEMAS}/EventFrame/properties/retry",
        put(f"{SCHEMAS}/EventFrame", required=without("retry")),
        put(f"{SCHEMAS}/EventFrame", required=added("retry")),
    ),
    "a property of an answer may be null": Break(
        "response-nullable",
        f"{SCHEMAS}/Project/properties/repoPath/nullable",
        put(f"{SCHEMAS}/Project/properties/repoPath", nullable=True),
    ),
    "a reference in an answer may be null": Break(
        "response-nullable",
        f"{SCHEMAS}/RunResponse/properties/data/nullable",
        put(
            f"{SCHEMAS}/RunResponse/properties",
            data={"nullable": True, "allOf": [{"$ref": f"{SCHEMAS}/Run"}]},
        ),
    ),
    "a value of an answer is new": Break(
        "enum-widened",
        f"{SCHEMAS}/RefType/enum",
        put(f"{SCHEMAS}/RefType", enum=added("note")),
    ),
    "an answer is no longer one of some values": Break(
        "enum-widened", f"{SCHEMAS}/RefType/enum", cut(f"{SCHEMAS}/RefType", "enum")
    ),
    "the values of an answer are open": Break(
        "enum-widened",
        f"{SCHEMAS}/RefType/x-open-enum",
        put(f"{SCHEMAS}/RefType", x_open_enum=True),
    ),
    "an error code is removed": Break(
        "error-code-removed",
        f"{SCHEMAS}/ErrorCode/enum",
        put(f"{SCHEMAS}/ErrorCode", enum=without("GONE")),
    ),
    "the type of an answer is another": Break(
        "type-changed",
        f"{SCHEMAS}/Stats/properties/queue/type",
        put(f"{SCHEMAS}/Stats/properties", queue={"type": "integer"}),
    ),
    "an integer of an answer may have a fraction": Break(
        "type-changed",
        f"{SCHEMAS}/Export/properties/sizeBytes/type",
        put(f"{SCHEMAS}/Export/properties/sizeBytes", type="number"),
    ),
    "an item of an answer is another": Break(
        "type-changed",
        f"{SCHEMAS}/Question/properties/options/items/type",
        put(f"{SCHEMAS}/Question/properties/options/items", type="integer"),
    ),
    "an answer loses its format": Break(
        "format-changed",
        f"{SCHEMAS}/Project/properties/createdAt/format",
        cut(f"{SCHEMAS}/Project/properties/createdAt", "format"),
    ),
    "a form of an answer is new": Break(
        "response-alternative-added",
        f"{SCHEMAS}/Error/properties/details/anyOf/2",
        put(f"{SCHEMAS}/Error/properties/details", anyOf=added({"type": "string"})),
    ),
    "a map of an answer is gone": Break(
        "response-closed",
        f"{SCHEMAS}/Stats/additionalProperties",
        put(f"{SCHEMAS}/Stats", additionalProperties=False),
        put(f"{SCHEMAS}/Stats", additionalProperties={"type": "integer"}),
    ),
    "a property of an answer holds what a map held otherwise": Break(
        "type-changed",
        f"{SCHEMAS}/HttpJobResult/properties/headers/properties/age/type",
        put(f"{SCHEMAS}/HttpJobResult/properties/headers", properties={"age": {"type": "integer"}}),
    ),
    "a map of an answer that says nothing of its values is gone": Break(
        "response-closed",
        f"{SCHEMAS}/Event/properties/payload/additionalProperties",
        put(f"{SCHEMAS}/Event/properties/payload", additionalProperties=False),
    ),
    "the payload of an event is removed": Break(
        "schema-removed", f"{SCHEMAS}/BranchMerged", cut(SCHEMAS, "BranchMerged")
    ),
    "the payload of an event that holds itself loses a property": Break(
        "response-property-removed",
        f"{SCHEMAS}/BranchMerged/properties/commitSha",
        cut(f"{SCHEMAS}/BranchMerged/properties", "commitSha"),
        put(
            f"{SCHEMAS}/BranchMerged/properties",
            before={"$ref": f"{SCHEMAS}/BranchMerged"},
        ),
    ),
    "what a kind of jobs gives loses a property": Break(
        "response-property-removed",
        f"{SCHEMAS}/HttpJobResult/properties/status",
        cut(f"{SCHEMAS}/HttpJobResult/properties", "status"),
    ),
    "the payload of an event loses a property": Break(
        "response-property-removed",
        f"{SCHEMAS}/BranchMerged/properties/commitSha",
        cut(f"{SCHEMAS}/BranchMerged/properties", "commitSha"),
    ),
}
