"""Bad input gets a documented 4xx in the contract's body that names the field; nothing is lost.

What the promise lists stands in test_promised_input.py; here is what else can be wrong.
"""

import asyncio
import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Message

from handlers.gateway import bodies
from handlers.gateway.request import Request
from services.errors import TooSlow
from tests.conftest import Live
from tests.contract import raw
from tests.contract.seed import Tenant
from tests.contract.walk import BY_ID, OPERATIONS, UNKNOWN, Operation, ask, check, each, fields

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}
GOOD = b'{"name": "Never", "description": "A shop."}'
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def no_trace(live: Live, mine: Tenant) -> Iterator[None]:
    """After each test nothing was made, the product answers, and nothing crashed."""
    yield
    assert mine.http.get("/projects", params={"search": "Never"}).json()["data"] == []
    log = (live.data_dir / "prazium.log").read_text(errors="replace")
    assert "Traceback" not in log
    assert mine.key not in log


def post(mine: Tenant, content: bytes | Iterator[bytes], headers: Json = JSON) -> httpx.Response:
    """Try to make a project from raw bytes."""
    return ask(mine.http, BY_ID["create_project"], {}, json=None, content=content, headers=headers)


def name(text: str) -> bytes:
    """A body whose name is this piece of JSON."""
    return b'{"description": "Never", "name": ' + text.encode() + b"}"


BODIES = {
    "nul": (name('"a\\u0000b"'), "/name"),
    "raw_nul": (name('"a\x00b"'), ""),
    "control_characters": (name('"a\\u001bb"'), "/name"),
    "lone_surrogate": (name('"\\ud800"'), "/name"),
    "reversed_surrogates": (name('"\\udc00\\ud800"'), "/name"),
    "lone_surrogate_as_a_field": (b'{"\\ud800": 1}', ""),
    "overlong_utf8": (b'{"name": "\xc0\x80", "description": "Never"}', ""),
    "utf16": (GOOD.decode().encode("utf-16"), ""),
    "byte_order_mark": (b"\xef\xbb\xbf" + GOOD, ""),
    "blank_name": (name('"  "'), "/name"),
    "empty_name": (name('""'), "/name"),
    "long_name": (name(json.dumps("a" * 121)), "/name"),
    "empty_description": (b'{"name": "Never", "description": ""}', "/description"),
    "blank_description": (b'{"name": "Never", "description": " \\n\\t"}', "/description"),
    "nul_in_the_description": (b'{"name": "Never", "description": "a\\u0000"}', "/description"),
    "20001_characters": (
        b'{"name": "Never", "description": "' + b"a" * 20_001 + b'"}',
        "/description",
    ),
    "almost_256_kib": (
        b'{"name": "Never", "description": "' + b"a" * (MIB // 4 - 100) + b'"}',
        "/description",
    ),
    "huge_exponent": (name("1e" + "9" * 1000), "/name"),
    "huge_fraction": (name("0." + "1" * 100_000), "/name"),
    "closed_nested_lists": (b"[" * 100_000 + b"]" * 100_000, ""),
    "nested_in_a_field": (name("[" * 200_000), ""),
    "empty": (b"", ""),
    "blank": (b"  \n ", ""),
    "cut": (GOOD[:-1], ""),
    "two_values": (GOOD + GOOD, ""),
    "text_behind": (GOOD + b"x", ""),
    "comment": (b"/* c */" + GOOD, ""),
    "single_quotes": (GOOD.replace(b'"', b"'"), ""),
    "form": (b"name=Never&description=x", ""),
}
TYPES: dict[str, list[tuple[str, str]]] = {
    "empty": [("Content-Type", "")],
    "form": [("Content-Type", "application/x-www-form-urlencoded")],
    "multipart": [("Content-Type", "multipart/form-data; boundary=x")],
    "other_json": [("Content-Type", "application/problem+json")],
    "latin1": [("Content-Type", "application/json; charset=iso-8859-1")],
    "unknown_charset": [("Content-Type", "application/json; charset=foo")],
    "another_charset_behind": [("Content-Type", "application/json; charset=utf-8; charset=utf-7")],
    "no_charset": [("Content-Type", "application/json; charset=")],
    "spaces_without_end": [("Content-Type", f"application/json{'; ' * 3000}x")],
    "list": [("Content-Type", "application/json, text/plain")],
    "gzip": [("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
    "br": [("Content-Type", "application/json"), ("Content-Encoding", "br")],
    "two_encodings": [("Content-Type", "application/json"), ("Content-Encoding", "gzip, identity")],
    "garbage": [("Content-Type", ';;;=;"')],
}
GOOD_TYPES = [
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json;charset=UTF8",
    'application/json; x="a; charset=utf-7"; Charset="UTF-8"',
    "application/json;",
    f"application/json; x*{'9' * 4301}=x",
]


@pytest.mark.parametrize("kind", BODIES)
def test_a_bad_body_is_a_bad_request_that_names_the_field(mine: Tenant, kind: str) -> None:
    content, field = BODIES[kind]
    began = time.monotonic()
    assert field in fields(post(mine, content))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("kind", TYPES)
def test_a_body_of_another_type_is_unsupported(mine: Tenant, kind: str) -> None:
    content = gzip.compress(GOOD) if kind == "gzip" else GOOD
    request = mine.http.build_request("POST", "/projects", content=content)
    request.headers = httpx.Headers([*request.headers.multi_items(), *TYPES[kind]])
    answer = mine.http.send(request)
    check(answer)
    assert answer.status_code == 415


@pytest.mark.parametrize("media_type", GOOD_TYPES)
def test_json_in_utf8_is_good_however_it_is_written(mine: Tenant, media_type: str) -> None:
    answer = post(mine, b"{}", {"Content-Type": media_type})
    assert fields(answer) == ["/name", "/description"]


NOTHING = [operation for operation in OPERATIONS if not operation.body_schema]


@each([operation for operation in NOTHING if operation.method != "GET"])
@pytest.mark.parametrize("content", [b'{"unknown":\xff', b"1" * 2_000_000, b'{"a":1}'], ids=len)
def test_what_takes_no_body_takes_none(mine: Tenant, operation: Operation, content: bytes) -> None:
    answer = ask(mine.http, operation, UNKNOWN, content=content)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "This takes no body.")


@pytest.mark.parametrize("content", [b"", b"{}", b" {}\n"])
def test_a_body_that_says_nothing_is_none(mine: Tenant, content: bytes) -> None:
    answer = mine.http.post(f"/orchestrator/jobs/{UNKNOWN['jobId']}/cancel", content=content)
    assert answer.status_code == 404


def test_a_body_that_says_nothing_is_not_compressed(mine: Tenant) -> None:
    path = f"/orchestrator/jobs/{UNKNOWN['jobId']}/cancel"
    answer = mine.http.post(path, content=b"{}", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_body_in_pieces_is_read_like_any_other(mine: Tenant) -> None:
    assert fields(post(mine, iter([b"{", b'"name": "a"', b"}"]))) == ["/description"]


@pytest.mark.parametrize(("members", "problems"), [(9_000, 20), (20_000, 1)])
def test_many_fields_are_refused_quickly(mine: Tenant, members: int, problems: int) -> None:
    content = b"{" + b",".join(b'"%d":1' % number for number in range(members)) + b"}"
    began = time.monotonic()
    assert len(fields(post(mine, content))) == problems
    assert time.monotonic() - began < 2


def test_a_body_that_ends_before_its_length_does_nothing(live: Live) -> None:
    headers = ["Content-Type: application/json", f"Content-Length: {len(GOOD) + 100}"]
    raw.exchange(live, raw.head(live, "POST", b"/projects", *headers), GOOD, cut=True)
    answer = httpx.get(
        f"{live.url}/projects?search=Never", headers={"Authorization": f"Bearer {live.key}"}
    )
    assert answer.json()["data"] == []


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: -1"],
        ["Content-Length: 1e3"],
        ["Content-Length: 99999999999999999999999"],
        ["Content-Length: 43", "Content-Length: 44"],
        ["Content-Length: 43", "Transfer-Encoding: chunked"],
    ],
    ids=lambda headers: " ".join(headers),
)
def test_a_length_that_makes_no_sense_is_a_bad_request(live: Live, headers: list[str]) -> None:
    head = raw.head(live, "POST", b"/projects", "Content-Type: application/json", *headers)
    answer = raw.exchange(live, head, GOOD)
    assert not answer or 400 <= raw.status(answer) < 500


async def silence() -> Message:
    """What is received from a client that sends nothing."""
    await asyncio.Event().wait()
    return {}


async def test_a_body_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.01)
    with pytest.raises(TooSlow, match="did not arrive"):
        await bodies.read_bytes(Request({"method": "POST", "headers": []}), silence, MIB)


def test_a_body_behind_its_length_is_no_second_request(live: Live) -> None:
    headers = ["Content-Type: application/json", "Content-Length: 2"]
    smuggled = raw.head(live, "DELETE", b"/projects/proj_01kb0r5v8wf5qtx1c9ht2kq6mz")
    answer = raw.exchange(live, raw.head(live, "POST", b"/projects", *headers), b"{}", smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "target",
    [b"/projects?search=\xff", b"/projects?search=%FF", b"/projects?search=%ED%A0%80"],
)
def test_a_query_that_is_no_utf8_is_a_bad_request(live: Live, target: bytes) -> None:
    assert raw.status(raw.exchange(live, raw.head(live, "GET", target))) == 400


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", b"http://localhost/v1/projects", 200),
        ("GET", b"https://someone.example:1/v1/projects", 200),
        ("GET", b"http://localhost/projects", 404),
        ("OPTIONS", b"*", 204),
        ("GET", b"*", 404),
        ("GET", b"projects", 400),
        ("CONNECT", b"localhost:80", 400),
    ],
)
def test_a_target_may_be_absolute_and_stands_for_its_path(
    live: Live, method: str, target: bytes, status: int
) -> None:
    head = raw.head(live, method, b"").replace(b" /v1 ", b" " + target + b" ")
    assert raw.status(raw.exchange(live, head)) == status


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nhost: b\r\n"])
def test_a_request_has_one_host(live: Live, hosts: bytes) -> None:
    head = raw.head(live, "GET", b"/projects").replace(b"Host: localhost\r\n", hosts)
    answer = raw.exchange(live, head)
    assert raw.status(answer) == 400
    assert b'"VALIDATION_ERROR"' in answer


def test_an_old_client_needs_no_host(live: Live) -> None:
    head = raw.head(live, "GET", b"/projects").replace(b"Host: localhost\r\n", b"")
    assert raw.status(raw.exchange(live, head.replace(b"HTTP/1.1", b"HTTP/1.0"))) == 200


@pytest.mark.parametrize("key", ["X-Api-Key", "X-Forwarded-User", "X-Prazium-Tenant"])
def test_a_header_of_ones_own_is_no_credential(live: Live, mine: Tenant, key: str) -> None:
    assert httpx.get(f"{live.url}/projects", headers={key: mine.key}).status_code == 401


@pytest.mark.parametrize(
    "search", ["%", "__", "\\", "'; DROP TABLE project; --", "*", "\u0130" * 200]
)
def test_a_search_is_a_text_and_no_pattern(mine: Tenant, search: str) -> None:
    answer = ask(mine.http, BY_ID["list_projects"], {}, params={"search": search})
    assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize(
    "time_",
    ["yesterday", "2026-01-15", "2026-01-15T11:32:00", "2026-13-01T00:00:00Z", 
     "0000-01-01T00:00:00Z",     "2026-01-15T11:32:60.999Z", "1e9", "1768476720"],
)  # fmt: skip
def test_what_is_no_time_is_named(mine: Tenant, time_: str) -> None:
    answer = ask(mine.http, BY_ID["list_events"], mine.ids, params={"after": time_})
    assert fields(answer) == ["/after"]


@pytest.mark.parametrize(
    "time_", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_far_away_finds_all_or_nothing(mine: Tenant, time_: str) -> None:
    answer = ask(mine.http, BY_ID["list_events"], mine.ids, params={"after": time_})
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "last", ["", "garbage", "-1", "+1", "1.0", "01", "9" * 16, "9" * 400, "1_0", "\u0661"]
)
def test_a_last_event_id_that_cannot_be_is_named(mine: Tenant, last: str) -> None:
    headers = {"Last-Event-ID": last.encode()}
    answer = ask(mine.http, BY_ID["stream_events"], mine.ids, headers=headers)
    assert fields(answer) == ["/Last-Event-ID"]


def test_a_last_event_id_of_the_future_is_named(mine: Tenant) -> None:
    headers = {"Last-Event-ID": "999999999999999"}
    answer = ask(mine.http, BY_ID["stream_events"], mine.ids, headers=headers)
    assert fields(answer) == ["/Last-Event-ID"]


def test_two_last_event_ids_are_one_too_many(mine: Tenant) -> None:
    request = mine.http.build_request("GET", BY_ID["stream_events"].path(mine.ids))
    twice = [("Last-Event-ID", "1")] * 2
    request.headers = httpx.Headers([*request.headers.multi_items(), *twice])
    assert fields(mine.http.send(request)) == ["/Last-Event-ID"]
