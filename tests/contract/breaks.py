"""Changes of the real contract that break clients, with what the gate must find and where."""

from typing import NamedTuple

from tests.contract.changes import (
    BULK,
    CREATE,
    DOWNLOAD,
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
    put,
    without,
)


class Break(NamedTuple):
    """A change that breaks clients: what is found, where, and what both contracts have before."""

    kind: str
    place: str
    change: Change
    prepare: Change = lambda contract: None


BREAKS = {
    "a path is removed": Break("path-removed", f"{PATHS}/~1health", cut(PATHS, "/health")),
    "a path is moved": Break(
        "path-removed",
        f"{PATHS}/~1admin~1stats",
        lambda contract: contract["paths"].update(
            {"/admin/figures": contract["paths"].pop("/admin/stats")}
        ),
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
    "an operation without a scope has one": Break(
        "scope-changed",
        f"{CREATE}/x-scope",
        put(CREATE, x_scope="projects:write"),
        cut(CREATE, "x-scope"),
    ),
    "a query parameter is removed": Break(
        "parameter-removed",
        SEARCH,
        put(
            f"{PROJECTS}/get",
            parameters=lambda found: [p for p in found if p.get("name") != "search"],
        ),
    ),
    "a query parameter moves to the header": Break(
        "parameter-moved", f"{SEARCH}/in", put(SEARCH, in_="header")
    ),
    "a required parameter moves to the header": Break(
        "parameter-moved", f"{SEARCH}/in", put(SEARCH, in_="header"), put(SEARCH, required=True)
    ),
    "a required parameter is new": Break(
        "parameter-required",
        f"{PROJECTS}/get/parameters/since",
        put(f"{PROJECTS}/get", parameters=added({**NEW, "required": True})),
    ),
    "an optional parameter is required": Break(
        "parameter-required", f"{SEARCH}/required", put(SEARCH, required=True)
    ),
    "a list in the query is written in another way": Break(
        "parameter-style-changed", f"{SEARCH}/style", put(SEARCH, style="pipeDelimited")
    ),
    "the type of a parameter is another": Break(
        "type-changed", f"{LIMIT}/schema/type", put(f"{LIMIT}/schema", type="boolean")
    ),
    "a number must be an integer": Break(
        "type-changed",
        f"{LIMIT}/schema/type",
        put(f"{LIMIT}/schema", type="integer"),
        put(f"{LIMIT}/schema", type="number"),
    ),
    "a shared parameter has a lower maximum": Break(
        "limit-narrowed",
        "#/components/parameters/PageSize/schema/maximum",
        put("#/components/parameters/PageSize/schema", maximum=lambda found: found - 1),
    ),
    "a parameter has a higher minimum": Break(
        "limit-narrowed", f"{LIMIT}/schema/minimum", put(f"{LIMIT}/schema", minimum=2)
    ),
    "a maximum is excluded": Break(
        "limit-narrowed",
        f"{LIMIT}/schema/exclusiveMaximum",
        put(f"{LIMIT}/schema", exclusiveMaximum=True),
    ),
    "only multiples are valid": Break(
        "limit-narrowed", f"{LIMIT}/schema/multipleOf", put(f"{LIMIT}/schema", multipleOf=10)
    ),
    "a parameter is shorter": Break(
        "limit-narrowed", f"{SEARCH}/schema/maxLength", put(f"{SEARCH}/schema", maxLength=9)
    ),
    "the pattern of an id is stricter": Break(
        "pattern-changed",
        f"{SCHEMAS}/ProjectId/pattern",
        put(f"{SCHEMAS}/ProjectId", pattern="^proj_[0-9]{26}$"),
    ),
    "a request has a pattern newly": Break(
        "pattern-changed",
        f"{SEARCH}/schema/pattern",
        put(f"{SEARCH}/schema", pattern="^[a-z]+$"),
        cut(f"{SEARCH}/schema", "pattern"),
    ),
    "a request has a format newly": Break(
        "format-changed", f"{SEARCH}/schema/format", put(f"{SEARCH}/schema", format="uuid")
    ),
    "a default is another": Break(
        "default-changed", f"{LIMIT}/schema/default", put(f"{LIMIT}/schema", default=50)
    ),
    "a default is removed": Break(
        "default-changed", f"{LIMIT}/schema/default", cut(f"{LIMIT}/schema", "default")
    ),
    "a list in a request is shorter": Break(
        "limit-narrowed",
        f"{SCHEMAS}/SubmitAnswers/properties/answers/maxItems",
        put(f"{SCHEMAS}/SubmitAnswers/properties/answers", maxItems=99),
    ),
    "a list in a request must not be empty": Break(
        "limit-narrowed",
        f"{SCHEMAS}/SubmitAnswers/properties/answers/minItems",
        put(f"{SCHEMAS}/SubmitAnswers/properties/answers", minItems=1),
        put(f"{SCHEMAS}/SubmitAnswers/properties/answers", minItems=0),
    ),
    "a value of a request is removed": Break(
        "enum-narrowed",
        f"{SCHEMAS}/ExportFormat/enum",
        put(f"{SCHEMAS}/ExportFormat", enum=without("zip")),
    ),
    "a parameter takes only some values": Break(
        "enum-narrowed", f"{SEARCH}/schema/enum", put(f"{SEARCH}/schema", enum=["saas"])
    ),
    "a property of a request is removed": Break(
        "request-property-removed",
        f"{REGENERATE}/properties/feedback",
        cut(f"{REGENERATE}/properties", "feedback"),
    ),
    "a property of a request is required": Break(
        "request-property-required",
        f"{REGENERATE}/properties/feedback",
        put(REGENERATE, required=["feedback"]),
    ),
    "a required property of a request is new": Break(
        "request-property-required",
        f"{SCHEMAS}/CreateExport/properties/since",
        both(
            put(f"{SCHEMAS}/CreateExport/properties", since={"type": "string"}),
            put(f"{SCHEMAS}/CreateExport", required=added("since")),
        ),
    ),
    "a request is closed": Break(
        "request-closed",
        f"{REGENERATE}/additionalProperties",
        put(REGENERATE, additionalProperties=False),
        put(REGENERATE, additionalProperties=True),
    ),
    "null is no longer valid in a request": Break(
        "not-nullable",
        f"{REGENERATE}/properties/feedback/nullable",
        cut(f"{REGENERATE}/properties/feedback", "nullable"),
        put(f"{REGENERATE}/properties/feedback", nullable=True),
    ),
    "a form of a request is removed": Break(
        "request-alternative-removed",
        f"{SCHEMAS}/CreateExport/properties/format/oneOf/1",
        cut(f"{SCHEMAS}/CreateExport/properties/format/oneOf", 1),
        put(
            f"{SCHEMAS}/CreateExport/properties",
            format={"oneOf": [{"type": "string"}, {"type": "integer"}]},
        ),
    ),
    "a form of a request is narrower": Break(
        "limit-narrowed",
        f"{SCHEMAS}/AnswerValue/oneOf/0/maxLength",
        put(f"{SCHEMAS}/AnswerValue/oneOf/0", maxLength=5),
    ),
    "a request must not be something": Break(
        "constraint-changed",
        f"{REGENERATE}/properties/feedback/not",
        put(f"{REGENERATE}/properties/feedback", not_={"enum": ["no"]}),
    ),
    "a media type of a request is removed": Break(
        "request-media-type-removed",
        f"{CREATE}/requestBody/content/text~1plain",
        cut(f"{CREATE}/requestBody/content", "text/plain"),
        put(f"{CREATE}/requestBody/content", **{"text/plain": {"schema": {"type": "string"}}}),
    ),
    "a body is required": Break(
        "body-required",
        f"{PROJECT}~1runs/post/requestBody/required",
        put(f"{PROJECT}~1runs/post/requestBody", required=True),
    ),
    "a required body is new": Break(
        "body-required",
        f"{PROJECT}~1approve/post/requestBody/required",
        put(f"{PROJECT}~1approve/post", requestBody={"required": True, "content": {}}),
    ),
    "a body is removed": Break(
        "body-removed",
        f"{PROJECT}~1runs/post/requestBody",
        cut(f"{PROJECT}~1runs/post", "requestBody"),
    ),
    "a body must be smaller": Break(
        "body-smaller", f"{CREATE}/x-max-body", put(CREATE, x_max_body=262143)
    ),
    "a body of any size up to the usual must be smaller": Break(
        "body-smaller",
        f"{PROJECT}~1answers/post/x-max-body",
        put(f"{PROJECT}~1answers/post", x_max_body=1048575),
    ),
    "a body may have no more than the usual": Break(
        "body-smaller", f"{BULK}/x-max-body", cut(BULK, "x-max-body")
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
    "the payload of an event is removed": Break(
        "schema-removed", f"{SCHEMAS}/BranchMerged", cut(SCHEMAS, "BranchMerged")
    ),
    "the payload of an event loses a property": Break(
        "response-property-removed",
        f"{SCHEMAS}/BranchMerged/properties/commitSha",
        cut(f"{SCHEMAS}/BranchMerged/properties", "commitSha"),
    ),
}
