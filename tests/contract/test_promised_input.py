"""Bad input by the promise: a line of it is a row here, with the status and the code that it gets.

A row holds requests, or names the test that tells a longer story. What the contract does not know
yet stands in NOT_YET; it fails as soon as the contract knows it, and then wants a row.
"""

import gzip
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contract import seed
from tests.contract.asking import GOOD, World
from tests.contract.walk import BY_ID, CONTRACT, UNKNOWN, check

Json = dict[str, Any]
MIB = 1024 * 1024
SERVER_FIELDS = ("tenantId", "status", "repoPath", "createdAt")


Request = Callable[[World], httpx.Response]


@dataclass(frozen=True)
class Row:
    """A line of the promise: what comes in, what it gets, and by which requests it is tried."""

    family: str
    given: str
    status: int
    code: str
    requests: dict[str, Request] = field(default_factory=dict)
    told_by: str = ""
    """The test that tells a longer story, as module::function."""


def named(text: str) -> bytes:
    """A new project whose name is this piece of JSON."""
    return b'{"description": "Never", "name": ' + text.encode() + b"}"


def body(*contents: bytes) -> dict[str, Request]:
    """New projects in these bytes."""
    return {str(c[:20]): lambda w, c=c: w.create(c) for c in contents}


def query(operation: str, *queries: str) -> dict[str, Request]:
    """Calls of an operation with these queries."""

    def asked(text: str) -> Request:
        return lambda w: w.call(operation, url=f"{BY_ID[operation].path(w.mine.ids)}?{text}")

    return {text[:40]: asked(text) for text in queries}


def target(*targets: str) -> dict[str, Request]:
    """GET of these targets, byte by byte."""
    return {text[:40]: lambda w, t=text: w.sent("GET", t) for text in targets}


def field_of(operation: str, *names: str) -> dict[str, Request]:
    """Calls of an operation with one more field."""
    return {name: lambda w, n=name: w.call(operation, json={n: "x"}) for name in names}


def foreign(*pairs: tuple[str, str]) -> dict[str, Request]:
    """Calls of operations with an id of the other tenant."""
    return {f"{o}-{n}": lambda w, o=o, n=n: w.call(o, ids={n: w.theirs.ids[n]}) for o, n in pairs}


def without_scope(*operations: str) -> dict[str, Request]:
    """Calls of operations by someone who may only read."""
    scopes = ("projects:read", "specs:read", "runs:read", "files:read")
    return {o: lambda w, o=o: w.call(o, http=w.with_scopes(*scopes)) for o in operations}


ROWS = [
    Row("any", "NUL in a string", 400, "VALIDATION_ERROR",
        body(named('"a\\u0000"'), named('["\\u0000"]'), named('{"a": {"b": ["\\u0000"]}}'))
        | query("list_projects", "search=a%00b")),
    Row("any", "lone surrogate, invalid UTF-8", 400, "VALIDATION_ERROR",
        body(named('"\\ud800"'), named('"\\udc00\\ud800"'), b'{"name": "\xff"}',
             b'"\xed\xa0\x80"')),
    Row("any", "10 MB body, chunked without length, length lies", 413, "PAYLOAD_TOO_LARGE", {
        "10_mb": lambda w: w.create(b" " * 10 * MIB),
        "chunked": lambda w: w.create(b" " * 65536 for _ in range(160)),
        "length_lies": lambda w: w.sent(
            "POST", "/projects", "Content-Type: application/json", "Content-Length: 99999999",
            body=GOOD)}),
    Row("any", "nested, 1e6 keys, long number, NaN, 1e999 (in < 5 ms: tests/gateway/test_strict)",
        400, "VALIDATION_ERROR",
        body(b"[" * 100_000, b'{"a":' * 50_000, named("9" * 100_000), named("NaN"), named("1e999"),
             b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}", named("-Infinity"),
             named("9223372036854775808"), named('{"a": [-9223372036854775809]}'),
             b'{"name": "a", "name": "b"}')),
    Row("any", "other media types and charsets, none, two", 415, "UNSUPPORTED_MEDIA_TYPE", {
        "plain": lambda w: w.typed("text/plain"),
        "utf_7": lambda w: w.typed("application/json; charset=utf-7"),
        "none": lambda w: w.typed(),
        "two": lambda w: w.typed("application/json", "application/json")}),
    Row("any", "gzip bomb", 415, "UNSUPPORTED_MEDIA_TYPE", {
        "gzip": lambda w: w.create(gzip.compress(b" " * 200 * MIB), Content_Encoding="gzip")}),
    Row("any", "slow senders, 500 of them", 408, "REQUEST_TIMEOUT",
        told_by="faults.test_wire::"
        "test_500_slow_connections_are_ended_in_time_and_disturb_nobody"),
    Row("any", "unknown query or body field, id[]=, repeated scalar", 400, "VALIDATION_ERROR",
        query("list_projects", "unknown=1", "id[]=1", "page=1&page=1", "pageSize=1&pageSize=2")
        | query("get_health", "x=1") | field_of("update_project", "unknown", "id[]", "__proto__")),
    Row("any", "numbers out of range", 400, "VALIDATION_ERROR",
        query("list_projects", "page=0", "pageSize=101", "page=1000000000", f"page={2**63}")
        | query("list_events", "limit=-1", f"limit={2**64}", "afterSeq=-1")),
    Row("any", "Idempotency-Key with another body", 422, "IDEMPOTENCY_KEY_REUSED", {
        "reused": lambda w: [w.keyed("promised-1", f"K{n} {uuid4()}") for n in (1, 2)][-1]}),
    Row("any", "Idempotency-Key in flight", 409, "IDEMPOTENCY_IN_FLIGHT",
        told_by="services.test_idempotency::"
        "test_a_key_at_work_is_in_flight_and_of_another_request_it_is_reused"),
    Row("any", "Idempotency-Key of 300 characters", 400, "VALIDATION_ERROR", {
        "long": lambda w: w.keyed("a" * 300, "Never"),
        "empty": lambda w: w.keyed("", "Never")}),
    Row("any", "Idempotency-Key of another tenant is independent", 201, "", {
        "theirs": lambda w: [
            w.keyed("promised-2", f"K {uuid4()}", tenant) for tenant in (w.theirs, w.mine)][-1]}),
    Row("auth", "none, empty Bearer, Basic, key in query", 401, "UNAUTHORIZED", {
        "none": lambda w: w.anonymous(),
        "empty": lambda w: w.anonymous("Bearer"),
        "basic": lambda w: w.anonymous("Basic dXNlcjpwYXNz"),
        "list": lambda w: w.anonymous(f"Bearer {w.mine.key}, Bearer {w.mine.key}"),
        "query": lambda w: w.anonymous(query=f"?api_key={w.mine.key}")}),
    Row("auth", "two Authorization headers, header and query", 400, "VALIDATION_ERROR", {
        "same": lambda w: w.anonymous(*[f"Bearer {w.mine.key}"] * 2),
        "other": lambda w: w.anonymous(f"Bearer {w.mine.key}", f"Bearer {w.theirs.key}"),
        "basic": lambda w: w.anonymous(f"Bearer {w.mine.key}", "Basic dXNlcjpwYXNz"),
        "query": lambda w: w.anonymous(f"Bearer {w.mine.key}", query=f"?api_key={w.mine.key}")}),
    Row("auth", "revoked or expired key on a live stream: cut", 401, "UNAUTHORIZED",
        told_by="contract.test_walk_credentials::test_a_stream_ends_soon_after_its_key"),
    Row("tenant", "another tenant's id in path or body", 404, "NOT_FOUND",
        foreign(("get_project", "projectId"), ("get_run", "runId"), ("get_task", "taskId"),
                ("cancel_run", "runId"), ("create_export", "runId"), ("get_export", "exportId"),
                ("stream_events", "runId"), ("list_files", "projectId"))),
    Row("tenant", "run of another project", 404, "NOT_FOUND", {
        operation: lambda w, o=operation: w.call(o, ids={"projectId": w.mine.projects["approved"]})
        for operation in ("get_run", "create_export", "cancel_run")}),
    Row("tenant", "PATCH of what is the server's", 400, "VALIDATION_ERROR",
        field_of("update_project", *SERVER_FIELDS)),
    Row("tenant", "approve, cancel, statistics, export without the scope", 403, "FORBIDDEN",
        without_scope("approve_spec", "cancel_run", "get_stats", "create_export")),
    Row("projects", "delete while a run executes", 409, "CONFLICT", {
        "delete": lambda w: w.call("delete_project", ids=w.busy())}),
    Row("projects", "run of an archived project, which is not there any more", 404, "NOT_FOUND", {
        "start": lambda w: w.call("start_run", ids=archived(w))}),
    Row("specs", "answer to an unknown question, of the wrong type", 400, "VALIDATION_ERROR", {
        "unknown": lambda w: answered(w, {"questionId": "q999", "answer": "x"}),
        "wrong_type": lambda w: answered(w, {"questionId": "q1", "answer": 1}),
        "twice": lambda w: answered(w, *[{"questionId": "q1", "answer": "No sign-in"}] * 2)}),
    Row("specs", "answer after approval", 409, "CONFLICT", {
        "late": lambda w: w.call(
            "submit_answers", ids=w.project("approved"), json={"answers": []})}),
    Row("specs", "approve raced by 50 callers", 409, "CONFLICT",
        told_by="contract.test_bad_input_states::test_of_50_who_approve_one_does"),
    Row("runs", "start 100 at once", 409, "CONFLICT",
        told_by="contract.test_bad_input_states::test_of_100_who_start_a_run_one_does"),
    Row("any", "forged, truncated cursor", 400, "VALIDATION_ERROR", {
        name: lambda w, cursor=cursor: w.call("list_jobs", params={"cursor": cursor})
        for name, cursor in {"forged": f"am9iX34.{'A' * 22}", "cut": "am9iX34", "none": "~",
                             "long": "a" * 1001}.items()}),
    Row("any", "cursor of another tenant", 400, "",
        told_by="services.jobs.test_reading::"
                "test_a_cursor_of_another_tenant_or_of_other_filters_is_refused"),
    Row("jobs", "1 MB payload", 413, "PAYLOAD_TOO_LARGE", {
        "large": lambda w: w.call("create_job", json=job(input={"a": "a" * 2**20}))}),
    Row("jobs", "unknown type, runAt year 9999 or -1 s, priority 2^31", 400, "VALIDATION_ERROR", {
        "type": lambda w: w.call("create_job", json=job(kind="nobody.knows")),
        "year_9999": lambda w: w.call("create_job", json=job(runAt="9999-12-31T23:59:59Z")),
        "minus_1_s": lambda w: w.call("create_job", json=job(delaySeconds=-1)),
        "number": lambda w: w.call("create_job", json=job(runAt=-1)),
        "priority": lambda w: w.call("create_job", json=job(priority=2**31))}),
    Row("jobs", "completion with a stale lease token", 409, "LEASE_LOST", {
        "earlier": lambda w: w.call("complete_job", ids=claimed(w) | {"leaseToken": 7}),
        "ended": lambda w: w.call("complete_job", ids={"leaseToken": 1})}),
    Row("jobs", "GET moves no state", 200, "",
        told_by="services.jobs.test_reading::test_no_read_changes_anything"),
    Row("DAG", "cycle, self-edge, dangling id, 10,000 nodes, duplicate slug, path scope", 400,
        "VALIDATION_ERROR", {
        "cycle": lambda w: graph(w, step("a", "b"), step("b", "a")),
        "self_edge": lambda w: graph(w, step("a", "a")),
        "dangling": lambda w: graph(w, step("a", "nobody")),
        "10_000": lambda w: graph(w, *[step(f"t{n}") for n in range(10_000)]),
        "duplicate": lambda w: graph(w, step("a"), step("a")),
        "scope": lambda w: graph(w, step("a") | {"pathScope": ["../**", "/etc/**"]})}),
    Row("files", "paths that lead out", 400, "VALIDATION_ERROR", {
        path: lambda w, p=path: w.sent("GET", f"/projects/{UNKNOWN['projectId']}/files/{p}")
        for path in ("..", "%2e%2e%2fetc", "..%5Cetc", "/etc/passwd", "a%00", ".git/config",
                     "a" * 4096)}),
    Row("files", "binary or HTML content", 200, "",
        told_by="contract.test_bad_input_files::test_a_page_is_no_page_of_ours"),
    Row("SSE", "more streams than a key may have", 429, "RATE_LIMITED",
        told_by="faults.test_overload::test_a_key_has_its_share_of_streams"),
    Row("SSE", "a reader that never reads: cut", 200, "",
        told_by="faults.test_wire::test_a_reader_that_reads_nothing_is_cut"),
    Row("admin", "documentation with a script of its own", 200, "",
        told_by="gateway.test_pages::test_the_page_has_no_script_of_its_own"),
    Row("admin", "statistics as a tenant", 403, "FORBIDDEN", {
        "stats": lambda w: w.call("get_stats", http=w.with_scopes("projects:read"))}),
    Row("target", "trailing slash, //, %2F, %00, %0A, *, long", 404, "NOT_FOUND",
        target("/projects/", "//projects", "/%2Fprojects", "/projects%2F", "/projects%00",
               "/projects%0A", f"/projects%2F{UNKNOWN['projectId']}", "/./projects",
               "/%2e/projects", "/x/../projects", "/projects;a=1", "/" + "a" * 4000,
               "/" + "a/" * 2000)),
]  # fmt: skip

NOT_YET = {
    "auth: JWT with none, another algorithm, unknown crit, hostile kid: 401": "jwt",
    "auth: JWT with wrong iss or aud, without exp, ahead, of 20 KB: 401": "jwt",
    "auth: macaroon with a caveat removed, reordered, unknown; 500 caveats: 401": "macaroon|l402",
    "auth: cookie POST with a foreign Origin or without CSRF token: 403": "cookie",
    "auth: session fixation, cookie after logout: 401": "cookie|login",
    "workflow: human step by a non-assignee, twice, late: 403, 409, 409": "workflow",
    "workflow: template injection is text": "workflow",
    "experiments: variants, weights, metric names: 400": "experiment",
    "WS: no auth in time, twice, subscribe before, token in URL: 4401, 4400": "socket|^ws$",
    "WS: cross-site Origin: 403": "socket|^ws$",
    "WS: foreign or wildcard channel, too many: 4429": "socket|^ws$",
    "WS: large frames, floods, invalid UTF-8: 1009, 1002, 1007": "socket|^ws$",
    "git remote: ext::, file://, ssh options, link-local: 400": "remote",
    "sessions: amount 0, -1, 1e30, 0.1, text, currency: 400": "session|amount",
    "sessions: 500 parallel debits: 100 x 200, 400 x 402": "session",
    "sessions: top-up twice, late, elsewhere, forged: once, 409, 404, 401": "session|invoice",
    "webhook in: bad HMAC, old timestamp, replay, re-serialised: 401": "webhook|callback",
    "deploy: provider not in list, token echoed: 400": "deploy",
    "limits: exact at the window's edge, never negative": "ratelimit",
}  # fmt: skip


def words_of_the_contract() -> set[str]:
    """What the contract calls its paths, parameters, headers, tags and security schemes."""
    components = CONTRACT["components"]
    words = {segment for path in CONTRACT["paths"] for segment in path.split("/")}
    words |= {tag["name"] for tag in CONTRACT["tags"]}
    words |= {p["name"] for operation in BY_ID.values() for p in operation.parameters("query")}
    words |= set(components["securitySchemes"]) | set(components.get("headers", {}))
    words |= {scheme["in"] for scheme in components["securitySchemes"].values() if "in" in scheme}
    return {word.lower() for word in words}


@pytest.mark.parametrize("line", NOT_YET)
def test_what_the_contract_does_not_know_yet_is_not_in_it(line: str) -> None:
    known = [word for word in words_of_the_contract() if re.search(NOT_YET[line], word)]
    assert not known, f"{known} are in the contract: write the row of {line!r}"


def job(**fields: Any) -> Json:
    """The body of a new job."""
    return {"kind": seed.KIND} | fields


def step(slug: str, *needed: str) -> Json:
    """A task of a graph that waits for an answer after those that it depends on."""
    return {"slug": slug, "wait": {"for": "answer"}, "dependsOn": list(needed)}


def graph(world: World, *tasks: Json) -> httpx.Response:
    """The answer to a new graph of these tasks."""
    return world.call("create_graph", json={"tasks": list(tasks)})


def claimed(world: World) -> Json:
    """The id of a job under a lease."""
    return seed.claimed_job(world.mine)


def archived(world: World) -> Json:
    """The id of an archived project."""
    ids = world.project("approved")
    assert world.call("delete_project", ids=ids).status_code == 200
    return ids


def answered(world: World, *answers: Json) -> httpx.Response:
    """The answer to answers, given to open questions."""
    return world.call(
        "submit_answers", ids=world.project("clarifying"), json={"answers": list(answers)}
    )


REQUESTS = [(row, name) for row in ROWS for name in row.requests]


@pytest.mark.parametrize(
    ("row", "name"), REQUESTS, ids=[f"{row.family}-{row.given[:30]}-{n}" for row, n in REQUESTS]
)
def test_bad_input_gets_what_was_promised(world: World, row: Row, name: str) -> None:
    answer = row.requests[name](world)
    check(answer)
    code = answer.json().get("error", {}).get("code", "")
    assert (answer.status_code, code) == (row.status, row.code), answer.text[:300]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.family}-{row.given[:30]}" for row in ROWS])
def test_every_line_is_tried(row: Row) -> None:
    assert bool(row.requests) != bool(row.told_by)
    module, _, function = row.told_by.partition("::")
    assert not module or hasattr(importlib.import_module(f"tests.{module}"), function)
