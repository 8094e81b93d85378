"""Traces and request ids: taken up from the caller, given back, and found wherever they lead."""

import json
import os
import subprocess
import sys
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from services import tracing
from services.tracing import Trace
from tests.conftest import Live
from tests.gateway.conftest import Watched, eventually, start_run

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (PARENT, Trace(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-00", Trace(TRACE, SPAN, False)),
        (f"00-{TRACE}-{SPAN}-ff", Trace(TRACE, SPAN, True)),
        (f"cc-{TRACE}-{SPAN}-01", Trace(TRACE, SPAN, True)),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-brings", Trace(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-01-more", None),
        (f"cc-{TRACE}-{SPAN}-01.more", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE[1:]}-{SPAN}-01", None),
        (f"00-{TRACE}-{SPAN}-1", None),
        (f"00-{TRACE}-{SPAN}-0x", None),
        (f" {PARENT}", None),
        (f"{PARENT}\n", None),
        ("", None),
    ],
)
def test_a_traceparent_is_read_as_the_recommendation_says(
    given: str, expected: Trace | None
) -> None:
    assert tracing.read(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        ("a=1 , , b=2", "a=1,b=2"),
        ("1a@vendor=x y", "1a@vendor=x y"),
        ("A=1", ""),
        ("a=1,a=2", ""),
        ("a", ""),
        ("a=\x7f", ""),
        (",".join(f"k{n}=1" for n in range(32)), ",".join(f"k{n}=1" for n in range(32))),
        (",".join(f"k{n}=1" for n in range(33)), ""),
        (f"a={'x' * 600}", ""),
    ],
)
def test_a_tracestate_is_passed_on_if_it_is_well_formed(given: str, expected: str) -> None:
    read = tracing.read(PARENT, given)
    assert read is not None
    assert read.state == expected


def answered(live: Live, *headers: tuple[str, str]) -> httpx.Response:
    """The answer to a request with these headers."""
    return httpx.get(f"{live.url}/ready", headers=list(headers))


def test_an_answer_continues_the_callers_trace_in_a_span_of_its_own(live: Live) -> None:
    place = tracing.read(answered(live, ("traceparent", PARENT)).headers["traceparent"])
    assert place is not None
    assert (place.trace_id, place.sampled) == (TRACE, True)
    assert place.span_id != SPAN


def test_each_request_without_a_trace_begins_one(live: Live) -> None:
    places = [tracing.read(answered(live).headers["traceparent"]) for _ in range(2)]
    assert all(places)
    assert len({place.trace_id for place in places if place}) == 2


def test_a_malformed_or_doubled_traceparent_begins_a_new_trace(live: Live) -> None:
    for headers in ([("traceparent", PARENT[:-1])], [("traceparent", PARENT)] * 2):
        answer = answered(live, *headers)
        assert answer.status_code == 200
        assert TRACE not in answer.headers["traceparent"]


def test_a_failure_carries_the_ids_too(live: Live) -> None:
    headers = {"traceparent": PARENT, "X-Request-Id": "caller-0001"}
    answer = httpx.get(f"{live.url}/nowhere", headers=headers)
    assert answer.headers["x-request-id"] == answer.json()["error"]["requestId"] == "caller-0001"
    assert TRACE in answer.headers["traceparent"]


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "sk-abcdefghijklmnopqrst"])
def test_a_request_id_that_is_malformed_or_a_secret_is_replaced(live: Live, given: str) -> None:
    assert answered(live, ("X-Request-Id", given)).headers["x-request-id"].startswith("req_")


def test_of_two_request_ids_none_is_taken(live: Live) -> None:
    two = [("X-Request-Id", "caller-0001"), ("X-Request-Id", "caller-0002")]
    assert answered(live, *two).headers["x-request-id"].startswith("req_")


@pytest.fixture(scope="module")
def begun(watched: Watched) -> dict[str, Any]:
    """A build that one request has started; its first task is done, and it is cancelled."""
    http = watched.http
    request = {"traceparent": PARENT, "tracestate": "vendor=kept", "X-Request-Id": "caller-0002"}
    path, started = start_run(http, **request)

    def events() -> Any:
        return http.get(f"{path}/events").json()["data"]

    eventually(lambda: [e for e in events() if e["eventType"] == "TASK_COMPLETED"])
    found = {
        "answer": started,
        "run": http.get(path).json()["data"],
        "tasks": http.get(f"{path}/tasks").json()["data"],
        "events": events(),
    }
    http.post(f"{path}/cancel", headers={"X-Request-Id": "caller-0003"})
    return found | {"cancelled": events()[-1]}


def test_a_run_its_tasks_and_its_events_show_the_request_that_started_it(
    begun: dict[str, Any],
) -> None:
    assert len(begun["tasks"]) > 1  # those that the first task has planned, too
    for thing in (begun["run"], *begun["tasks"], *begun["events"]):
        assert (thing["traceId"], thing["requestId"]) == (TRACE, "caller-0002"), thing


def test_an_event_shows_the_request_that_brought_it_about(begun: dict[str, Any]) -> None:
    assert begun["cancelled"]["eventType"] == "RUN_COMPLETED"
    assert begun["cancelled"]["requestId"] == "caller-0003"
    assert begun["cancelled"]["traceId"] != TRACE


def test_the_log_of_a_task_shows_the_request_too(watched: Watched, begun: dict[str, Any]) -> None:
    def found() -> list[Any]:
        lines = [line for line in watched.log.read_text().splitlines() if "build.decompose" in line]
        return [line for line in map(json.loads, lines) if line["run_id"] == begun["run"]["id"]]

    [line] = eventually(found)
    assert (line["event"], line["outcome"]) == ("task", "done")
    assert (line["trace_id"], line["request_id"]) == (TRACE, "caller-0002")


def test_a_collector_sees_request_and_task_in_one_trace(
    watched: Watched, begun: dict[str, Any]
) -> None:
    def found(name: str) -> list[Span]:
        return [
            span
            for span in watched.collector.spans
            if span.name == name and span.trace_id.hex() == TRACE
        ]

    [request] = eventually(lambda: found("POST /v1/projects/{projectId}/runs"))
    [task] = eventually(lambda: found("build.decompose"))
    assert request.parent_span_id.hex() == SPAN
    assert request.span_id.hex() in begun["answer"].headers["traceparent"]
    assert task.parent_span_id == request.span_id
    assert request.trace_state == task.trace_state == "vendor=kept"
    assert attributes(request)["http.response.status_code"] == 201
    assert attributes(request)["http.route"] == "/v1/projects/{projectId}/runs"
    [coding, *_] = eventually(lambda: found("build.code"))
    assert coding.parent_span_id == task.span_id


WITHOUT_EXTRA = """
import sys
sys.modules["opentelemetry.exporter.otlp.proto.http.trace_exporter"] = None
from scripts.cli import main
main()
"""


def test_an_endpoint_without_the_extra_is_one_line_that_says_what_to_install() -> None:
    env = os.environ | {"PRAZIUM_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    command = [sys.executable, "-c", WITHOUT_EXTRA, "serve"]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'prazium-server[otel]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    look = "import sys; assert not [name for name in sys.modules if 'opentelemetry' in name]"
    command = [sys.executable, "-c", f"from scripts import processes; {look}"]
    subprocess.run(command, check=True)


def attributes(span: Span) -> dict[str, Any]:
    """A span's attributes as plain values."""
    values = {pair.key: pair.value for pair in span.attributes}
    return {key: getattr(value, value.WhichOneof("value")) for key, value in values.items()}
