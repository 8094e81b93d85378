"""The built application's openapi.yaml, as data: what YAML and OpenAPI mean is never in doubt.

OpenAPI 3.0.3, because Connexion reads no 3.1. Ids are sixteen hexadecimal digits.
"""

from typing import Any

import yaml

from services.adapters.agents.scaffold.examples import example
from services.adapters.agents.scaffold.identity import identity_paths, identity_schemas, schemes
from services.adapters.agents.scaffold.model import Application, Auth, Field, Kind, Resource

Node = dict[str, Any]
_ID = {"type": "string", "pattern": "^[0-9a-f]{16}$", "example": "5f3a9c0d1b2e4f67"}
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
_SHAPES: dict[Kind, Node] = {
    Kind.text: {"type": "string", "maxLength": 200},
    Kind.long: {"type": "string", "maxLength": 5000},
    Kind.email: {"type": "string", "maxLength": 254, "pattern": r"^[^@ ]+@[^@ ]+\.[^@ ]+$"},
    Kind.phone: {"type": "string", "maxLength": 40, "pattern": r"^[0-9+()/. -]*$"},
    Kind.url: {"type": "string", "maxLength": 2000, "pattern": r"^https?://[^ ]+$"},
    Kind.integer: {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    Kind.number: {"type": "number", "minimum": -1e9, "maximum": 1e9},
    Kind.money: {"type": "integer", "minimum": -100_000_000_000, "maximum": 100_000_000_000},
    Kind.minutes: {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    Kind.boolean: {"type": "boolean"},
    Kind.date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    Kind.datetime: {"type": "string", "format": "date-time", "pattern": _TIME},
}
_UNITS = {Kind.money: ", in cents", Kind.minutes: ", in minutes", Kind.datetime: ", in UTC"}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def contract_text(app: Application) -> str:
    """openapi.yaml with its keys in reading order."""
    return yaml.dump(contract(app), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def contract(app: Application) -> Node:
    """The whole document."""
    secured: Node = {"security": [{name: []} for name in schemes(app)]} if schemes(app) else {}
    tags = ["health", *(["auth"] if schemes(app) else []), *(r.plural for r in app.resources)]
    return {
        "openapi": "3.0.3",
        "info": {"title": app.name, "version": "1.0.0", "description": _about(app)},
        "servers": [{"url": "/"}],
        **secured,
        "tags": [{"name": tag} for tag in tags],
        "paths": {**_health(), **identity_paths(app), **_resource_paths(app)},
        "components": {
            **({"securitySchemes": schemes(app)} if schemes(app) else {}),
            "parameters": _parameters(),
            "responses": _responses(),
            "schemas": {**_schemas(), **identity_schemas(app), **_resource_schemas(app)},
        },
    }


def _about(app: Application) -> str:
    names = ", ".join(resource.plural.replace("_", " ") for resource in app.resources)
    return f"Keeps {names}. Lists come in pages; every failure has the body of Problem."


def _health() -> Node:
    answer = json_answer("The application answers", ref("Health"))
    return {
        "/health": {
            "get": {
                "operationId": "get_health",
                "tags": ["health"],
                "summary": "Whether the application is able to answer",
                "security": [],
                "responses": {"200": answer},
            }
        }
    }


def _resource_paths(app: Application) -> Node:
    paths: Node = {}
    for resource in app.resources:
        one = f"{resource.path}/{{{resource.name}_id}}"
        paths[resource.path] = {"get": _list(app, resource), "post": _create(app, resource)}
        paths[one] = {
            "get": _one(app, resource, "get", f"One {resource.words}"),
            "patch": _update(app, resource),
            "delete": _delete(app, resource),
        }
    return paths


def _operation(
    app: Application, resource: Resource, name: str, summary: str, answers: Node, *failures: int
) -> Node:
    """An operation with its documented failures, in the order of their status."""
    known = {400: "BadRequest", 401: "Unauthorized", 404: "NotFound", 409: "Conflict"}
    wanted = sorted({400, *failures, *([401] if app.auth is not Auth.none else [])})
    failed = {str(s): {"$ref": f"#/components/responses/{known[s]}"} for s in wanted}
    return {
        "operationId": name,
        "tags": [resource.plural],
        "summary": summary,
        "responses": {**answers, **failed},
    }


def _list(app: Application, resource: Resource) -> Node:
    answer = json_answer("One page", ref(f"{resource.type_name}Page"))
    titles = resource.plural.replace("_", " ")
    summary = f"Page through {titles}, newest first"
    operation = _operation(app, resource, f"list_{resource.plural}", summary, {"200": answer})
    shared = [{"$ref": f"#/components/parameters/{n}"} for n in ("Page", "PageSize", "Search")]
    operation["parameters"] = shared + _filters(resource)
    return operation


def _filters(resource: Resource) -> list[Node]:
    filters = []
    if status := resource.status:
        values = [value for value, _ in status.choices]
        schema = {"type": "string", "enum": values}
        filters.append(_query(status.name, f"Only those with this {status.name}", schema))
    for relation in resource.relations:
        target = relation.target.replace("_", " ")
        filters.append(_query(relation.column, f"Only those of this {target}", dict(_ID)))
    return filters


def _query(name: str, description: str, schema: Node) -> Node:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _create(app: Application, resource: Resource) -> Node:
    answer = json_answer("Created", ref(resource.type_name))
    taken = [409] if resource.unique or resource.relations else []
    name, summary = f"create_{resource.name}", f"Add {resource.article}"
    operation = _operation(app, resource, name, summary, {"201": answer}, *taken)
    operation["requestBody"] = json_body(ref(f"{resource.type_name}New"))
    return operation


def _one(app: Application, resource: Resource, verb: str, summary: str, *failures: int) -> Node:
    answers = {"200": json_answer(f"The {resource.words}", ref(resource.type_name))}
    name = f"{verb}_{resource.name}"
    operation = _operation(app, resource, name, summary, answers, 404, *failures)
    path_id = {"name": f"{resource.name}_id", "in": "path", "required": True, "schema": dict(_ID)}
    return {**operation, "parameters": [path_id]}


def _update(app: Application, resource: Resource) -> Node:
    taken = [409] if resource.unique or resource.relations else []
    summary = f"Change fields of {resource.article}"
    operation = _one(app, resource, "update", summary, *taken)
    operation["requestBody"] = json_body(ref(f"{resource.type_name}Change"))
    return operation


def _delete(app: Application, resource: Resource) -> Node:
    needed = any(relation.required for _, relation in app.children(resource))
    operation = _one(
        app, resource, "delete", f"Remove {resource.article}", *([409] if needed else [])
    )
    responses = operation["responses"]
    del responses["200"]
    operation["responses"] = {"204": {"description": "Removed"}, **responses}
    return operation


def _resource_schemas(app: Application) -> Node:
    schemas: Node = {}
    for resource in app.resources:
        name = resource.type_name
        written = _written(app, resource)
        required = [field.name for field in resource.fields if field.required]
        required += [relation.column for relation in resource.relations if relation.required]
        schemas[name] = _stored(app, resource, written)
        schemas[f"{name}New"] = shape(written, required, f"What {resource.article} is made from")
        schemas[f"{name}Change"] = {
            **shape(written, [], f"The fields of {resource.article} to change"),
            "minProperties": 1,
        }
        schemas[f"{name}Page"] = _page(resource)
    return schemas


def _written(app: Application, resource: Resource) -> Node:
    """Properties that a caller may set."""
    fields = {field.name: field_schema(resource, field) for field in resource.fields}
    for relation in resource.relations:
        target = relation.target.replace("_", " ")
        schema = {**_ID, "description": f"The {target} that it belongs to"}
        fields[relation.column] = schema if relation.required else {**schema, "nullable": True}
    return fields


def field_schema(resource: Resource, field: Field) -> Node:
    """The schema of one field; what is neither required nor a status may be null."""
    if field.kind is Kind.choice:
        schema: Node = {"type": "string", "enum": [value for value, _ in field.choices]}
    else:
        schema = dict(_SHAPES[field.kind])
    if field == resource.label or (field.required and field.kind in (Kind.text, Kind.long)):
        schema = {**schema, "minLength": 1, "pattern": "[^ ]"}
    schema["description"] = f"{field.title}{_UNITS.get(field.kind, '')}"
    if not field.required and field != resource.status:
        schema["nullable"] = True
    schema["example"] = example(resource, field)
    return schema


def _stored(app: Application, resource: Resource, written: Node) -> Node:
    moment = {"type": "string", "format": "date-time", "example": "2026-03-31T09:30:00Z"}
    labels = {
        relation.label: {
            "type": "string",
            "nullable": True,
            "description": f"What the {relation.target.replace('_', ' ')} is called",
            "example": example(target := app.resource(relation.target), target.label),
        }
        for relation in resource.relations
    }
    own: Node = {"id": dict(_ID), **written, **labels}
    own |= {"created_at": dict(moment), "updated_at": dict(moment)}
    return shape(own, list(own), f"{resource.title} as it is stored")


def _page(resource: Resource) -> Node:
    number = {"type": "integer", "minimum": 0, "example": 1}
    properties = {
        "items": {"type": "array", "maxItems": 100, "items": ref(resource.type_name)},
        "page": dict(number),
        "page_size": {**number, "example": 20},
        "total": dict(number),
    }
    return shape(properties, list(properties), f"One page of {resource.plural.replace('_', ' ')}")


def _parameters() -> Node:
    number = {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1}
    size = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    text = {"type": "string", "maxLength": 200}
    return {
        "Page": _query("page", "Which page, from 1", number),
        "PageSize": _query("page_size", "Records a page", size),
        "Search": _query("search", "Only those with this text in one of their texts", text),
    }


def _responses() -> Node:
    texts = {
        "BadRequest": "The request does not fit the contract",
        "Unauthorized": "Credentials are missing or wrong",
        "NotFound": "Nothing is stored under that id",
        "Conflict": "What is stored forbids the change",
    }
    return {name: json_answer(text, ref("Problem")) for name, text in texts.items()}


def _schemas() -> Node:
    text = {"type": "string", "example": "The body does not fit the contract"}
    pointer = {"type": "string", "description": "A JSON pointer", "example": "/name"}
    detail = shape({"field": pointer, "message": dict(text)}, ["field", "message"], "A wrong field")
    error = shape(
        {
            "code": {"type": "string", "example": "VALIDATION_ERROR"},
            "message": dict(text),
            "details": {"type": "array", "maxItems": 20, "items": detail},
        },
        ["code", "message", "details"],
        "What went wrong",
    )
    status = {"type": "string", "enum": ["ok"], "example": "ok"}
    return {
        "Health": shape({"status": status}, ["status"], "The application answers"),
        "Problem": shape({"error": error}, ["error"], "The body of every failure"),
    }


def ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def json_answer(description: str, schema: Node) -> Node:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def json_body(schema: Node) -> Node:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def shape(properties: Node, required: list[str], description: str) -> Node:
    """A closed object."""
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": properties,
    }
