"""Every error code of the contract is reached; what is wrong with a request is said in words."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from starlette.types import Message

from generated import models
from handlers.gateway import errors
from handlers.gateway.contract import Compiler, Handlers
from handlers.gateway.head import MAX_HEAD, MAX_TARGET
from handlers.gateway.request import Request
from handlers.gateway.shedding import Lanes
from services import keys
from services.errors import DedupeKeyTaken, GraphHasJob, PraziumError, WrongState
from services.schemas import field_error
from services.settings import Settings
from services.wording import pattern_message
from tests.contract import raw, test_bad_input
from tests.contract import test_bad_input_states as states
from tests.contract.asking import World
from tests.contract.walk import (
    BY_ID,
    CODES,
    CONTRACT,
    OPERATIONS,
    SCHEMAS,
    UNKNOWN,
    WITH_BODY,
    Operation,
    check,
    each,
    schema_of,
)
from tests.gateway import test_idempotency
from tests.gateway.defects import served

Json = dict[str, Any]
ROOMY = json.loads(re.sub(r'"x-max-body": \d+', '"x-max-body": 1048576', json.dumps(CONTRACT)))
"""The contract with room for bodies that say much that is wrong."""
COMPILED = Compiler(ROOMY, Handlers("handlers"), models, "off", Lanes(Settings())).operations
SECRET = keys.new_secret()
INTERNALS = re.compile(
    r"\$ref|(any|all|one)Of|additionalProp|schema|regex|pattern|jsonschema|msgspec|Traceback"
    r"|\(\?|\[\^|\\u|\{\d+,|\$$"
)


def crashed() -> httpx.Response:
    """The answer where the code has a fault."""
    with served.served(served.ours(served.CONTRACT)) as client:
        return client.get("/surprises")


def without_archive(world: World) -> httpx.Response:
    """The download of an export whose archive is lost."""
    ids = states.new_export(world.mine)
    (world.live.data_dir / "exports" / f"{ids['exportId']}.tar.gz").unlink()
    return world.call("download_export", ids=ids)


def expired(world: World) -> httpx.Response:
    """The download of an export that has expired."""
    ids = states.changed_export(world.live, world.mine, states.EXPIRED)
    return world.call("download_export", ids=ids)


def too_many_streams(world: World) -> httpx.Response:
    """One stream more than a key may have."""
    ids, live = world.busy(), world.live
    target = BY_ID["stream_events"].path(ids).encode()
    head = raw.head(live, "GET", target).replace(live.key.encode(), world.mine.key.encode())
    with contextlib.ExitStack() as held:
        for _ in range(Settings().max_streams_per_key):
            connection = held.enter_context(raw.opened(live))
            connection.sendall(head)
            assert connection.recv(1024).startswith(b"HTTP/1.1 200")
        return world.call("stream_events", ids=ids)


REACHED: dict[str, Callable[[World], httpx.Response]] = {
    "VALIDATION_ERROR": lambda w: w.call("list_projects", params={"page": "0"}),
    "UNAUTHORIZED": lambda w: w.anonymous(),
    "FORBIDDEN": lambda w: w.call("get_stats", http=w.with_scopes("projects:read")),
    "NOT_FOUND": lambda w: w.sent("GET", "/nothing"),
    "METHOD_NOT_ALLOWED": lambda w: w.sent("PUT", "/projects"),
    "CONFLICT": lambda w: w.call("approve_spec", ids=w.project("draft")),
    "LEASE_LOST": lambda w: w.call("complete_job", ids={"leaseToken": 1}),
    "IDEMPOTENCY_KEY_REUSED": lambda w: [w.keyed("e-1", f"E{n} {uuid4()}") for n in (1, 2)][-1],
    "GONE": expired,
    "PRECONDITION_FAILED": lambda w: w.call("update_project", headers={"If-Match": '"old"'}),
    "PAYLOAD_TOO_LARGE": lambda w: w.create(b" " * (1024 * 1024 + 1)),
    "URI_TOO_LONG": lambda w: w.sent("GET", "/" + "a" * MAX_TARGET),
    "HEADERS_TOO_LARGE": lambda w: w.sent("GET", "/nothing", "X-Long: " + "a" * MAX_HEAD),
    "UNSUPPORTED_MEDIA_TYPE": lambda w: w.typed("text/plain"),
    "RATE_LIMITED": too_many_streams,
    "INTERNAL_ERROR": lambda _: crashed(),
    "SERVICE_UNAVAILABLE": without_archive,
}
ELSEWHERE = {
    "REQUEST_TIMEOUT": test_bad_input.test_a_body_that_does_not_arrive_is_given_up,
    "IDEMPOTENCY_IN_FLIGHT": (
        test_idempotency.test_while_a_request_is_at_work_its_repetition_is_told_when_to_try_again
    ),
}


def test_every_code_is_reached() -> None:
    assert sorted([*REACHED, *ELSEWHERE]) == sorted(CODES)


@pytest.mark.parametrize("code", REACHED)
def test_a_code_comes_where_it_is_meant_to(world: World, code: str) -> None:
    answer = REACHED[code](world)
    check(answer)
    assert answer.json()["error"]["code"] == code


def kinds(of: type[PraziumError] = PraziumError) -> Iterator[type[PraziumError]]:
    """Every kind of failure."""
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


GIVEN: dict[type[PraziumError], tuple[Any, ...]] = {
    WrongState: ("run", "failed", ["succeeded"]),
    DedupeKeyTaken: ("failed", UNKNOWN["jobId"]),
    GraphHasJob: ("failed", UNKNOWN["graphId"]),
}


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_failure_has_a_body_of_the_contract(kind: type[PraziumError]) -> None:
    error = kind(*GIVEN.get(kind, ()))
    answer = errors.reply(error, "req_12345678")
    body = json.loads(msgspec.json.encode(answer.body))
    assert schema_of("ErrorBody").is_valid(body)
    assert (answer.status, body["error"]["code"] in CODES) == (kind.status, True)
    assert ("retry-after" in answer.headers) == (kind.status in (429, 503) or "FLIGHT" in kind.code)


CHARACTER = st.characters(exclude_categories=["Cs"])
TEXT = (
    st.text(max_size=200)
    | st.builds(lambda character, times: character * times, CHARACTER, st.integers(101, 300))
    | st.builds(
        lambda before, after: before + SECRET + after, st.text(max_size=5), st.text("ab ~/")
    )
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


def bodies(operation: Operation) -> st.SearchStrategy[Json]:
    """Bodies with hostile values in any of an operation's fields, and with fields of their own."""
    schema = operation.body_schema or {}
    fields = dict.fromkeys(schema["properties"], VALUE)
    known = st.fixed_dictionaries({}, optional=fields)
    return st.builds(lambda own, more: more | own, known, st.dictionaries(TEXT, VALUE, max_size=24))


def queries(operation: Operation) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Queries with hostile values of any of an operation's parameters and of unknown ones."""
    names = [parameter["name"] for parameter in operation.parameters("query")]
    name = st.sampled_from(names) | TEXT if names else TEXT
    return st.lists(st.tuples(name, TEXT), max_size=8)


async def received(raw: bytes) -> Message:
    """A body in one piece."""
    return {"type": "http.request", "body": raw, "more_body": False}


def refusal(operation: Operation, raw: bytes, query: str, path: dict[str, str]) -> Json | None:
    """The failure that a request gets from the readers of its operation, if it gets one."""
    compiled = COMPILED[operation.id]
    headers = [(b"content-type", b"application/json")]
    scope = {"method": operation.method, "headers": headers, "query_string": query.encode()}
    scope["path_params"] = path
    request = Request(scope)

    async def read() -> None:
        compiled.parameters.read(scope, request)
        if compiled.body is not None:
            await compiled.body.read(request, lambda: received(raw))

    try:
        asyncio.run(read())
    except PraziumError as error:
        answer = errors.reply(error, "req_12345678")
        found: Json = json.loads(msgspec.json.encode(answer.body))
        assert schema_of("ErrorBody").is_valid(found)
        return found["error"]
    return None


def check_words(error: Json | None, given: list[str]) -> None:
    """What is said is short, in words, and shows neither secrets nor much of what was given."""
    if error is None:
        return
    assert error["code"] == "VALIDATION_ERROR"
    details = error.get("details", [])
    assert len(details) <= 20
    assert not [detail for detail in details if INTERNALS.search(detail["message"])]
    said = "\n".join([error["message"], *(f"{d['field']}\n{d['message']}" for d in details)])
    assert SECRET not in said
    for text in given:
        assert not any(text[at : at + 101] in said for at in range(len(text) - 100))


def texts(value: Any) -> Iterator[str]:
    """All texts and names in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, child in value.items():
            yield name
            yield from texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts(child)


def problems(operation: Operation, body: Json) -> set[str]:
    """The fields of a body that are wrong."""
    schema = operation.body_schema or {}
    known = schema["properties"]
    wrong = {
        name for name, value in body.items()
        if name not in known or not SCHEMAS.compile(known[name]).is_valid(value)
    }  # fmt: skip
    return wrong | {name for name in schema.get("required", []) if name not in body}


@each(WITH_BODY)
@tried(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_problem_of_a_body_is_said_in_words(
    operation: Operation, data: st.DataObject
) -> None:
    body = data.draw(bodies(operation))
    error = refusal(operation, json.dumps(body).encode(), "", good_path(operation))
    check_words(error, list(texts(body)))
    details = (error or {}).get("details", [])
    named = {d["field"].split("/")[1] for d in details if d["field"]}
    wrong = problems(operation, body)
    if readable(body) and len(details) < 20:
        assert {pointer(name)[:98] for name in wrong} <= {name[:98] for name in named}


def test_every_pattern_of_the_contract_is_said_in_words() -> None:
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(CONTRACT))
    said = {json.loads(text): pattern_message(json.loads(text)) for text in patterns}
    assert len(said) > 20
    assert not [pattern for pattern, words in said.items() if pattern in words]


def good_path(operation: Operation) -> dict[str, str]:
    """Path parameters as in their examples."""
    return {
        p["name"]: str(p.get("example", SCHEMAS.resolve(p["schema"]).get("example")))
        for p in operation.parameters("path")
    }


def pointer(name: str) -> str:
    """A name in a JSON pointer, as it is shown."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return errors.without_secrets(field_error(f"/{escaped}", "").field_)[1:]


def readable(body: Json) -> bool:
    """Whether a body is JSON at all: Python also writes NaN and the infinite."""
    return not re.search(r"NaN|Infinity", json.dumps(body))


@each(OPERATIONS)
@tried(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_problem_of_a_query_is_said_in_words(
    operation: Operation, data: st.DataObject
) -> None:
    query = data.draw(queries(operation))
    path = {p["name"]: data.draw(TEXT) for p in operation.parameters("path")}
    error = refusal(operation, b"{}", urlencode(query), path)
    check_words(error, [*path.values(), *(text for pair in query for text in pair)])
    wrong = (path.keys() & UNKNOWN.keys()) | (set(dict(query)) - names_of(operation))
    assert error is not None or not wrong


def names_of(operation: Operation) -> set[str]:
    """The names of an operation's query parameters."""
    return {p["name"] for p in operation.parameters("query")}
