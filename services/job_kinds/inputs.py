"""What the built-in kinds take: held against the contract, and shown without secrets."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple

import msgspec

import generated
from generated.models import AgentJobInput, CommandJobInput, FieldError, HttpJobInput
from services import json_schemas
from services.adapters.egress import OWN_HEADERS, Refused, checked_url
from services.engine.retry import TaskFailed
from services.errors import ValidationFailed, invalid_fields
from services.redaction import HIDDEN
from services.schemas import Json, Schemas, escaped, field_errors
from services.settings import Networks, Settings

SCHEMAS = Schemas(json.loads((resources.files(generated) / "openapi.json").read_bytes()))
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""Source: RFC 9110, section 5.6.2."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
TELLING = frozenset(
    {
        *("accept", "accept-charset", "accept-language", "cache-control", "content-encoding"),
        *("content-language", "content-type", "date", "from", "if-match", "if-modified-since"),
        *("if-none-match", "if-unmodified-since", "origin", "pragma", "prefer", "range"),
        *("referer", "traceparent", "tracestate", "user-agent", "x-request-id"),
    }
)
"""Headers that tell no secret, in lower case."""

Flaws = Iterator[tuple[str, str]]


class Built(NamedTuple):
    """What a built-in kind takes and gives, and the rules that no schema can say."""

    input: type[msgspec.Struct]
    result: str
    flaws: Callable[[Any], Flaws]


def http_flaws(given: HttpJobInput) -> Flaws:
    """What is wrong with a call, by pointer."""
    if given.body is not msgspec.UNSET and given.json is not msgspec.UNSET:
        yield "/json", "stands instead of `body`, not beside it"
    for name in given.headers or ():
        if not HEADER.fullmatch(name):
            yield f"/headers/{escaped(name)}", "is no name of a header"
        elif name.lower() in OWN_HEADERS | {"idempotency-key"}:
            yield f"/headers/{escaped(name)}", "is set by Prazium"


def url_flaws(given: HttpJobInput, allow: Networks) -> Flaws:
    """Why a URL will never be called, as far as that is known before its name is resolved."""
    try:
        checked_url(given.url, allow)
    except Refused as error:
        yield "/url", str(error)


def agent_flaws(given: AgentJobInput) -> Flaws:
    """What is wrong with a question, by pointer."""
    if given.answer_schema is not msgspec.UNSET:
        try:
            json_schemas.compiled(given.answer_schema, "/answerSchema")
        except ValidationFailed as error:
            assert isinstance(error.details, list)
            for flaw in error.details:
                yield flaw.field_, flaw.message


def command_flaws(given: CommandJobInput) -> Flaws:
    """What is wrong with a program's start, by pointer."""
    if not given.command[0] or "/" in given.command[0]:
        yield "/command/0", "must be a program's name, without a folder"
    for name in given.env or ():
        if not VARIABLE.fullmatch(name):
            yield f"/env/{escaped(name)}", "is no name of a variable"


BUILT: Mapping[str, Built] = {
    "http": Built(HttpJobInput, "HttpJobResult", http_flaws),
    "agent": Built(AgentJobInput, "AgentJobResult", agent_flaws),
    "command": Built(CommandJobInput, "CommandJobResult", command_flaws),
}


VALIDATORS = {
    kind: SCHEMAS.compile({"$ref": f"#/components/schemas/{built.input.__name__}"})
    for kind, built in BUILT.items()
}


def check_input(kind: str, value: Json, at: str = "/input", allow: Networks | None = None) -> None:
    """Hold the input of a job against its built-in kind; pointers begin at `at`.

    With the networks that `allow` opens, also whether its URL may be called at all.
    Raises: ValidationFailed. A kind that is not built in takes any object as far as this knows.
    """
    if kind not in BUILT:
        return
    built = BUILT[kind]
    found = field_errors(VALIDATORS[kind], value, at)
    if not found:
        given = msgspec.convert(value, built.input)
        flaws = list(built.flaws(given))
        if isinstance(given, HttpJobInput) and allow is not None:
            flaws += url_flaws(given, allow)
        found = [FieldError(field_=f"{at}{where}"[:200], message=what) for where, what in flaws]
    if found:
        raise invalid_fields(found)


def invalid_input(error: ValidationFailed) -> TaskFailed:
    """The end of a task whose input is refused, now that what it refers to is in it."""
    details: Any = error.details
    message = "; ".join(f"{one.field_} {one.message}" for one in details)
    return TaskFailed("INVALID_INPUT", message[:500])


def shown_input(kind: str, value: Json) -> Json:
    """The input as it may be seen: of an http job's headers, only values that tell no secret."""
    headers = value.get("headers")
    if kind != "http" or not isinstance(headers, dict):
        return value
    shown = {name: text if name.lower() in TELLING else HIDDEN for name, text in headers.items()}
    return {**value, "headers": shown}


def own(settings: Settings) -> list[str]:
    """The kinds that our own workers do: the built-in ones, and the operator's functions."""
    return [*BUILT, *settings.job_functions.paths]


def input_schema(kind: str) -> Json:
    """What a kind of our own takes, as JSON Schema that refers to nothing."""
    if kind not in BUILT:
        return {"type": "object"}
    schema: Json = inlined(SCHEMAS.source[BUILT[kind].input.__name__])
    return schema


def result_schema(kind: str) -> Json | None:
    """What a kind of our own gives, as JSON Schema that refers to nothing; None for anything."""
    if kind not in BUILT:
        return None
    schema: Json = inlined(SCHEMAS.source[BUILT[kind].result])
    return schema


def description(kind: str) -> str:
    """What a kind of our own does, for people."""
    if kind not in BUILT:
        return "A function of this installation."
    told: str = SCHEMAS.source[BUILT[kind].input.__name__]["description"]
    return told


def inlined(node: Any) -> Any:
    """A schema with what it refers to in place; OpenAPI's `example` becomes `examples`."""
    if isinstance(node, list):
        return [inlined(child) for child in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return inlined(SCHEMAS.resolve(node))
    parts = {key: inlined(value) for key, value in node.items() if key != "example"}
    return parts | ({"examples": [node["example"]]} if "example" in node else {})
