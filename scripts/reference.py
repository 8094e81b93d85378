"""docs/API.md from the bundled contract.

Nothing is written here that the contract says: the reference is the contract, laid out for reading.
"""

import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote

from scripts.contract import (
    Json,
    failures,
    is_public,
    operations,
    parameters,
    payload_name,
    resolve,
)
from scripts.examples import example
from scripts.markdown import block, json_block, link, table

UNBOUNDED = 2**31 - 1
HEAD = """\
# API

<!-- Generated from openapi.yaml by scripts/generate; edit the contract, not this file. -->
"""
SETUP = """\
## Before you start

The lines below use these variables of the shell; replace the ids by your own.
"""
PAGINATION = """\
## Pagination

Lists with a `pagination` are cut into pages. `page` and `pageSize` choose one; `totalPages` says
how many there are.
"""
ERRORS = """\
## Errors

Every failure has the same body. `code` is for programs, `message` for people, `requestId` names the
request in the logs.
"""
EVENTS = """\
## Event types

An event carries its type in `eventType` and what the type says in `payload`.
"""


def markdown(contract: Json) -> str:
    """The API reference as Markdown; the same contract gives the same bytes."""
    sections = [
        introduction(contract),
        contents(contract),
        setup(contract),
        authentication(contract),
        envelope(contract),
        pagination(contract),
        errors(contract),
        *(tag_section(contract, tag) for tag in contract["tags"]),
        event_types(contract),
    ]
    return "\n".join(sections)


def introduction(contract: Json) -> str:
    """What the API is, its version and where it is served."""
    info = contract["info"]
    servers = [(f"`{server['url']}`", server["description"]) for server in contract["servers"]]
    return "\n".join(
        [HEAD, info["description"], f"Version {info['version']}.\n", table("Server|For", servers)]
    )


def contents(contract: Json) -> str:
    """Links to every section and operation."""
    lines = ["## Contents\n"]
    for title in ("Before you start", "Authentication", "Envelope", "Pagination", "Errors"):
        lines.append(f"- {link(title)}")
    for tag in contract["tags"]:
        lines.append(f"- {link(tag['name'].capitalize())}: {tag['description']}")
        lines += [
            f"  - [`{method.upper()} {path}`](#{operation['operationId']}) {operation['summary']}"
            for path, method, operation in operations(contract, tag["name"])
        ]
    return "\n".join([*lines, f"- {link('Event types')}\n"])


def setup(contract: Json) -> str:
    """The shell variables of the curl lines, each id with its example."""
    exports = [
        f"export PRAZIUM_BASE_URL={contract['servers'][0]['url']}",
        "export PRAZIUM_API_KEY=pzm_…",
        *(f"export {variable(name)}={value}" for name, value in id_examples(contract).items()),
    ]
    return f"{SETUP}\n{block('sh', *exports)}"


def id_examples(contract: Json) -> dict[str, str]:
    """The ids that stand in paths, each with an example."""
    found: dict[str, str] = {}
    for _, _, operation in operations(contract):
        for parameter in parameters(contract, operation):
            if is_id(parameter):
                found.setdefault(parameter["name"], parameter_example(contract, parameter))
    return found


def authentication(contract: Json) -> str:
    """The credentials, the scopes and what each scope is for, and what needs none."""
    lines = ["## Authentication\n"]
    lines += [s["description"] + "\n" for s in contract["components"]["securitySchemes"].values()]
    lines.append("```http\nAuthorization: Bearer pzm_…\n```\n")
    public = [anchor(operation) for _, _, operation in operations(contract) if is_public(operation)]
    lines.append(f"Without a credential: {', '.join(public)}. Everything else needs a scope:\n")
    scopes: dict[str, list[str]] = {}
    for _, _, operation in operations(contract):
        if not is_public(operation):
            scopes.setdefault(operation["x-scope"], []).append(anchor(operation))
    rows = [(f"`{scope}`", ", ".join(allowed)) for scope, allowed in sorted(scopes.items())]
    return "\n".join([*lines, table("Scope|Allows", rows)])


def envelope(contract: Json) -> str:
    """The body of a success, and of a failure."""
    success = {"success": True, "data": {"…": "…"}}
    return "\n".join(
        [
            "## Envelope\n",
            "Every JSON answer says first whether it succeeded.\n",
            json_block(success),
            json_block(response_example(contract, "NotFound")),
        ]
    )


def pagination(contract: Json) -> str:
    """The parameters and the body of a page."""
    shared = contract["components"]["parameters"]
    page = example(contract, contract["components"]["schemas"]["Pagination"])
    rows = [shared["Page"], shared["PageSize"]]
    return "\n".join(
        [PAGINATION, parameter_table(contract, rows), json_block({"pagination": page})]
    )


def errors(contract: Json) -> str:
    """The table of error codes, and those that can answer any request."""
    statuses = status_of_responses(contract)
    rows, anywhere = [], []
    shown = {failure.code: failure for failure in failures(contract)}
    for code in contract["components"]["schemas"]["ErrorCode"]["enum"]:
        if code in shown:
            rows.append((statuses[shown[code].response], f"`{code}`", shown[code].meaning))
        else:
            anywhere.append(f"`{code}`")
    also = f"{' and '.join(anywhere)} can answer any request.\n" if anywhere else ""
    body = json_block(response_example(contract, "BadRequest"))
    return "\n".join([ERRORS, body, table("Status|Code|When", rows), also])


def status_of_responses(contract: Json) -> dict[str, str]:
    """The status under which each shared response is used."""
    return {
        response["$ref"].rsplit("/", 1)[1]: status
        for _, _, operation in operations(contract)
        for status, response in operation["responses"].items()
        if "$ref" in response
    }


def tag_section(contract: Json, tag: Json) -> str:
    """All operations of a tag."""
    lines = [f"## {tag['name'].capitalize()}\n", tag["description"] + "\n"]
    lines += [
        operation_section(contract, path, method, operation)
        for path, method, operation in operations(contract, tag["name"])
    ]
    return "\n".join(lines)


def operation_section(contract: Json, path: str, method: str, operation: Json) -> str:
    """One operation: what it does, takes and answers, and the line that tries it."""
    scope = "public" if is_public(operation) else f"scope `{operation['x-scope']}`"
    lines = [
        f'<a id="{operation["operationId"]}"></a>\n',
        f"### {operation['summary']}\n",
        f"`{method.upper()} {path}` · `{operation['operationId']}` · {scope}\n",
        operation["description"].strip() + "\n",
        parameter_table(contract, parameters(contract, operation)),
        request_body(contract, operation),
        block("sh", curl(contract, path, method, operation)),
        answers(contract, operation),
    ]
    return "\n".join(line for line in lines if line)


def parameter_table(contract: Json, shown: list[Json]) -> str:
    """The parameters as a table; nothing if there are none."""
    rows = [
        (
            f"`{parameter['name']}`",
            parameter["in"] + (", required" if parameter.get("required") else ""),
            type_of(contract, parameter["schema"]),
            parameter["description"],
        )
        for parameter in shown
    ]
    return table("Parameter|In|Type|Description", rows) if rows else ""


def request_body(contract: Json, operation: Json) -> str:
    """The fields of the body and an example of it; nothing if there is no body."""
    if "requestBody" not in operation:
        return ""
    body = operation["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    optional = "" if body.get("required") else " (optional)"
    return "\n".join(
        [
            f"Request body{optional}: {resolve(contract, schema)['description']}\n",
            field_table(contract, schema),
            json_block(example(contract, schema)),
        ]
    )


def field_table(contract: Json, schema: Json) -> str:
    """The fields of an object as a table."""
    schema = resolve(contract, schema)
    rows = [
        (
            f"`{name}`" + (", required" if name in schema.get("required", []) else ""),
            type_of(contract, child),
            resolve(contract, child)["description"],
        )
        for name, child in schema.get("properties", {}).items()
    ]
    return table("Field|Type|Description", rows)


def answers(contract: Json, operation: Json) -> str:
    """What a success looks like, and which errors there can be."""
    lines: list[str] = []
    failures: list[str] = []
    for status, response in sorted(operation["responses"].items()):
        if status < "400":
            lines += success(contract, status, resolve(contract, response))
        else:
            failures.append(status)
    return "\n".join([*lines, f"[Errors](#errors): {', '.join(failures)}.\n"])


def success(contract: Json, status: str, response: Json) -> Iterator[str]:
    """The meaning, the headers and the bodies of a success."""
    yield f"Answer {status}: {response['description']}\n"
    for name, written in response.get("headers", {}).items():
        header = resolve(contract, written)
        yield f"`{name}: {header['example']}`: {header['description']}\n"
    for media, content in response.get("content", {}).items():
        schema = resolve(contract, content["schema"])
        if schema.get("format") == "binary":
            yield f"The body is the file, `{media}`.\n"
        elif media == "text/event-stream":
            yield block("text", frame(example(contract, schema)))
        else:
            yield json_block(content.get("example") or example(contract, schema))


def frame(value: Json) -> str:
    """A frame of a stream as it is sent."""
    return "\n".join(f"{field}: {text}" for field, text in value.items())


def curl(contract: Json, path: str, method: str, operation: Json) -> str:
    """The line that tries the operation in a shell with the variables of "Before you start"."""
    verb = [] if method == "get" else [f"-X {method.upper()}"]
    url = f'"$PRAZIUM_BASE_URL{filled(contract, path, operation)}"'
    lines = [" ".join(["curl -sS", *media_options(operation), *verb, url])]
    if not is_public(operation):
        lines.append('-H "Authorization: Bearer $PRAZIUM_API_KEY"')
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d {shlex.quote(json.dumps(example(contract, schema), ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def media_options(operation: Json) -> list[str]:
    """What curl needs for an answer that is a stream or a file."""
    media = [m for r in operation["responses"].values() for m in r.get("content", {})]
    if "text/event-stream" in media:
        return ["-N"]
    return [] if not media or "application/json" in media else ["-OJ"]


def filled(contract: Json, path: str, operation: Json) -> str:
    """The path with a shell variable for each id and an example for everything else."""
    for parameter in parameters(contract, operation):
        if parameter["in"] == "path":
            value = f"${variable(parameter['name'])}"
            if not is_id(parameter):
                value = quote(str(parameter_example(contract, parameter)), safe="/")
            path = path.replace(f"{{{parameter['name']}}}", value)
    return path


def event_types(contract: Json) -> str:
    """Each event type with its payload."""
    schemas = contract["components"]["schemas"]
    lines = [EVENTS]
    for name in schemas["EventType"]["enum"]:
        payload = schemas[payload_name(name)]
        lines += [
            f"### `{name}`\n",
            payload["description"] + "\n",
            field_table(contract, payload),
            json_block(example(contract, payload)),
        ]
    return "\n".join(lines)


def parameter_example(contract: Json, parameter: Json) -> str:
    """The parameter's own example, or that of its schema."""
    value = parameter.get("example", resolve(contract, parameter["schema"]).get("example"))
    return str(value)


def response_example(contract: Json, name: str) -> Json:
    """The example of a shared response."""
    body: Json = contract["components"]["responses"][name]["content"]["application/json"]
    shown: Json = body["example"]
    return shown


def is_id(parameter: Json) -> bool:
    """Whether the parameter of a path is an id."""
    return bool(parameter["in"] == "path" and parameter["name"].endswith("Id"))


def variable(name: str) -> str:
    """A parameter's name as a shell variable: projectId becomes PROJECT_ID."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def type_of(contract: Json, schema: Json) -> str:
    """A schema in a few words: its type, its choices, its bounds, its default."""
    schema = resolve(contract, schema)
    if "enum" in schema:
        words = " ".join(f"`{choice}`" for choice in schema["enum"])
    elif schema.get("type") == "array":
        words = f"list of {type_of(contract, schema['items'])}"
    elif "allOf" in schema:
        words = type_of(contract, schema["allOf"][0])
    elif "type" in schema:
        words = f"{schema.get('format', schema['type'])} {bounds(schema)}".strip()
    else:
        branches = schema.get("oneOf") or schema.get("anyOf") or []
        words = " or ".join(type_of(contract, branch) for branch in branches)
    words += " or null" if schema.get("nullable") else ""
    return words + (f", default `{schema['default']}`" if "default" in schema else "")


def bounds(schema: Json) -> str:
    """The bounds of a number or the length of a text."""
    if "minimum" in schema:
        top = f" to {schema['maximum']}" if schema["maximum"] < UNBOUNDED else ""
        return f"from {schema['minimum']}{top}"
    if "maxLength" in schema:
        return f"of at most {schema['maxLength']} characters"
    return f"`{schema['pattern']}`" if "pattern" in schema else ""


def anchor(operation: Json) -> str:
    """A link to an operation."""
    return f"[{operation['operationId']}](#{operation['operationId']})"
