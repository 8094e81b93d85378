"""Those changes that break what clients send: parameters and bodies."""

from tests.contract.changes import (
    BULK,
    CREATE,
    LIMIT,
    NEW,
    PROJECT,
    PROJECTS,
    REGENERATE,
    SCHEMAS,
    SEARCH,
    Break,
    added,
    both,
    cut,
    put,
    without,
)

REQUEST_BREAKS = {
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
    "a parameter is left to the gateway": Break(
        "argument-removed", f"{SEARCH}/x-gateway", put(SEARCH, x_gateway=True)
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
    "a parameter has a default newly": Break(
        "default-changed", f"{SEARCH}/schema/default", put(f"{SEARCH}/schema", default="saas")
    ),
    "a property of a request has a default newly": Break(
        "default-changed",
        f"{REGENERATE}/properties/feedback/default",
        put(f"{REGENERATE}/properties/feedback", default="Shorter"),
    ),
    "a shared schema of a request has a default newly": Break(
        "default-changed",
        f"{SCHEMAS}/ExportFormat/default",
        put(f"{SCHEMAS}/ExportFormat", default="zip"),
    ),
    "a shared schema of a request has another default": Break(
        "default-changed",
        f"{SCHEMAS}/LeaseSeconds/default",
        put(f"{SCHEMAS}/LeaseSeconds", default=60),
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
    "a property that nobody declares is required in a request": Break(
        "request-property-required",
        f"{SCHEMAS}/CreateExport/properties/ghost",
        put(f"{SCHEMAS}/CreateExport", required=added("ghost")),
    ),
    "a further part of a request requires a property": Break(
        "request-property-required",
        f"{SCHEMAS}/CreateExport/properties/agent",
        put(f"{SCHEMAS}/CreateExport", allOf=[{"required": ["agent"]}]),
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
    "a property of what a kind of jobs takes is required": Break(
        "request-property-required",
        f"{SCHEMAS}/HttpJobInput/properties/body",
        put(f"{SCHEMAS}/HttpJobInput", required=added("body")),
    ),
    "what a kind of jobs takes has another default": Break(
        "default-changed",
        f"{SCHEMAS}/CommandJobInput/properties/timeoutSeconds/default",
        put(f"{SCHEMAS}/CommandJobInput/properties/timeoutSeconds", default=10),
    ),
    "a property of a request holds what a map held otherwise": Break(
        "type-changed",
        f"{SCHEMAS}/Metadata/properties/priority/type",
        put(f"{SCHEMAS}/Metadata", properties={"priority": {"type": "integer"}}),
    ),
    "a form of a request has the type of another": Break(
        "constraint-changed",
        f"{SCHEMAS}/AnswerValue/oneOf",
        put(f"{SCHEMAS}/AnswerValue", oneOf=added({"type": "string", "maxLength": 9})),
    ),
    "a further part of a request narrows a property": Break(
        "constraint-changed",
        f"{REGENERATE}/allOf/0/properties/feedback",
        put(REGENERATE, allOf=[{"properties": {"feedback": {"enum": ["Shorter"]}}}]),
    ),
    "a further part of a request has a pattern too": Break(
        "constraint-changed",
        f"{SCHEMAS}/ProjectName/allOf/0/pattern",
        put(f"{SCHEMAS}/ProjectName", allOf=[{"pattern": "^[a-z]"}]),
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
    "a body may have no more values than the usual": Break(
        "body-smaller", f"{BULK}/x-max-values", cut(BULK, "x-max-values")
    ),
}
