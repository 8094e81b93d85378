"""Following a run over connections that break, stall, split and end."""

import asyncio
import json
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from prazium import Event, Prazium, errors
from prazium._sse import Frame, Frames
from prazium.models import RunCompleted, TaskStarted

from tests.sdk.harness import QUICK, Face, Handler, Server

Serve = Callable[[Handler], Server]

STREAM = ("runs.stream_events", "proj_1", "run_1")


def frame(seq: int, kind: str = "TASK_STARTED", **payload: Any) -> bytes:
    """An event on the wire."""
    data = payload or {"taskId": "task_1", "slug": f"s{seq}", "attempt": 1}
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


END = frame(9, "RUN_COMPLETED", status="succeeded")
DROP, STALL, CLOSE = "drop", "stall", "close"
Connection = tuple[Sequence[bytes], str] | int


def script(*connections: Connection) -> Handler:
    """Each connection sends its parts and then drops, stalls or closes; a number is a status."""
    left = list(connections)

    async def handler(request: web.Request) -> web.StreamResponse:
        connection = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(connection, int):
            return web.Response(status=connection)
        parts, then = connection
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if then == DROP and request.transport is not None:
            request.transport.abort()
        if then == STALL:
            await asyncio.sleep(5)
        return response

    return handler


def seqs(events: Sequence[Event]) -> list[int]:
    return [event.seq for event in events]


def resumed_after(server: Server) -> list[str | None]:
    """The Last-Event-ID of each connection."""
    return [request.headers.get("Last-Event-ID") for request in server.requests]


def test_events_are_typed_by_their_type(client: Face, serve: Serve) -> None:
    first, last = client.collect(serve(script(([frame(1), END], CLOSE))), *STREAM)
    assert (first.seq, first.event_type, first.task_id) == (1, "TASK_STARTED", "task_1")
    assert isinstance(first.payload, TaskStarted) and first.payload.slug == "s1"
    assert isinstance(last.payload, RunCompleted) and last.payload.status == "succeeded"
    assert last.task_id is None


def test_an_event_of_a_newer_service_keeps_its_payload_as_a_dict(
    client: Face, serve: Serve
) -> None:
    server = serve(script(([frame(1, "TASK_DREAMT", taskId="task_1", of="sheep"), END], CLOSE)))
    event, _ = client.collect(server, *STREAM)
    assert (event.event_type, event.payload) == ("TASK_DREAMT", {"of": "sheep"})


def test_a_dropped_connection_is_resumed_after_the_last_event(client: Face, serve: Serve) -> None:
    server = serve(script(([frame(1), frame(2)], DROP), ([frame(3), END], CLOSE)))
    assert seqs(client.collect(server, *STREAM)) == [1, 2, 3, 9]
    assert resumed_after(server) == [None, "2"]


def test_half_a_frame_is_not_an_event(client: Face, serve: Serve) -> None:
    half = frame(2)[:-1]
    server = serve(script(([frame(1), half], DROP), ([frame(2), END], CLOSE)))
    assert seqs(client.collect(server, *STREAM)) == [1, 2, 9]
    assert resumed_after(server) == [None, "1"]


def test_a_frame_may_come_in_pieces(client: Face, serve: Serve) -> None:
    pieces = [bytes([byte]) for byte in frame(1) + END]
    assert seqs(client.collect(serve(script((pieces, CLOSE))), *STREAM)) == [1, 9]


def test_an_event_that_was_seen_is_not_handed_out_again(client: Face, serve: Serve) -> None:
    server = serve(script(([frame(1), frame(2)], DROP), ([frame(1), frame(2), END], CLOSE)))
    assert seqs(client.collect(server, *STREAM)) == [1, 2, 9]


def test_a_stream_that_closes_before_the_run_ended_is_resumed(client: Face, serve: Serve) -> None:
    server = serve(script(([frame(1)], CLOSE), ([END], CLOSE)))
    assert seqs(client.collect(server, *STREAM)) == [1, 9]


def test_silence_counts_as_a_lost_connection(client: Face, serve: Serve) -> None:
    server = serve(script(([frame(1)], STALL), ([END], CLOSE)))
    begun = monotonic()
    assert seqs(client.collect(server, *STREAM)) == [1, 9]
    assert resumed_after(server) == [None, "1"]
    assert monotonic() - begun < 1.5, "the heartbeat is 0.3 s, the client's timeout 2 s"


def test_comments_keep_a_quiet_stream_alive(client: Face, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(5):
            await response.write(b": still here\n\n")
            await asyncio.sleep(QUICK.heartbeat / 2)
        await response.write(END)
        return response

    server = serve(handler)
    assert seqs(client.collect(server, *STREAM)) == [9]
    assert len(server.requests) == 1


def test_a_run_that_has_ended_gives_no_events(client: Face, serve: Serve) -> None:
    server = serve(script(204))
    assert client.collect(server, *STREAM, last_event_id=9) == []
    assert resumed_after(server) == ["9"]


def test_nothing_is_asked_after_the_run_ended(client: Face, serve: Serve) -> None:
    server = serve(script(([END], DROP)))
    assert seqs(client.collect(server, *STREAM)) == [9]
    assert len(server.requests) == 1


def test_a_service_that_does_not_hang_up_is_not_waited_for(client: Face, serve: Serve) -> None:
    outlived: list[bool] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(END)
        for _ in range(30):
            await asyncio.sleep(0.1)
            await response.write(b": still here\n\n")
        outlived.append(True)
        return response

    assert seqs(client.collect(serve(handler), *STREAM)) == [9]
    assert not outlived


def test_an_overloaded_service_is_asked_again(client: Face, serve: Serve) -> None:
    server = serve(script(503, 502, ([END], CLOSE)))
    assert seqs(client.collect(server, *STREAM)) == [9]


def test_attempts_without_a_new_event_are_bounded(client: Face, serve: Serve) -> None:
    server = serve(script(([], CLOSE)))
    with pytest.raises(errors.ConnectionFailed):
        client.collect(server, *STREAM)
    assert len(server.requests) == 1 + QUICK.attempts


def test_attempts_count_from_the_last_new_event(client: Face, serve: Serve) -> None:
    steps: list[Connection] = [([], DROP), ([], DROP), ([frame(1)], DROP)]
    steps += [([], DROP), ([], DROP), ([END], CLOSE)]
    assert seqs(client.collect(serve(script(*steps)), *STREAM)) == [1, 9]


def test_what_will_not_go_away_is_raised_at_once(client: Face, serve: Serve) -> None:
    server = serve(script(404))
    with pytest.raises(errors.APIError):
        client.collect(server, *STREAM)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "wire",
    [
        b"id: 1\nevent: TASK_STARTED\ndata: {\n\n",
        b"id: 1\nevent: TASK_STARTED\ndata: []\n\n",
        b"id: 1\nevent: TASK_STARTED\ndata: 7\n\n",
        b'id: 1\nevent: TASK_STARTED\ndata: {"slug": "s"}\n\n',
        b'id: x\nevent: TASK_STARTED\ndata: {"slug": "s", "attempt": 1}\n\n',
        b'event: TASK_STARTED\ndata: {"slug": "s", "attempt": 1}\n\n',
    ],
)
def test_a_malformed_event_is_a_malformed_answer(wire: bytes, client: Face, serve: Serve) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.collect(serve(script(([wire], CLOSE))), *STREAM)


def test_leaving_the_loop_closes_the_connection(serve: Serve) -> None:
    server = serve(script(([frame(1), frame(2)], STALL)))
    with Prazium(base_url=server.url) as client:
        events = client.runs.stream_events("proj_1", "run_1")
        assert next(events).seq == 1
        events.close()
        assert next(events, None) is None


def test_the_log_is_read_on_from_the_last_number(client: Face, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        after = int(request.query["afterSeq"])
        entry = {
            "id": "evt_1",
            "runId": "run_1",
            "taskId": None,
            "eventType": "RUN_ADVANCED",
            "payload": {"status": "merging"},
            "createdAt": "2026-01-15T11:32:00Z",
        }
        data = [entry | {"seq": seq} for seq in range(after + 1, min(after + 3, 6))]
        return web.json_response({"success": True, "data": data})

    server = serve(handler)
    events = client.collect(server, "events.list", "proj_1", "run_1", page_size=2)
    assert seqs(events) == [1, 2, 3, 4, 5]
    assert events[0].payload.status == "merging"
    assert [request.query["afterSeq"] for request in server.requests] == ["0", "2", "4"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_frames_are_the_same_however_the_bytes_are_cut(end: str) -> None:
    lines = [
        "\ufeffid: 1",
        "event:a",
        "data: x",
        "data:  y",
        ": note",
        "retry: 250",
        "",
        "data",
        "",
    ]
    wire = (end.join(lines) + end).encode()
    for size in range(1, len(wire) + 1):
        frames = Frames()
        parts = [wire[start : start + size] for start in range(0, len(wire), size)]
        found = [each for part in parts for each in frames.feed(part)]
        assert found == [Frame("1", "a", "x\n y"), Frame("1", "message", "")]
        assert frames.retry == 0.25


def test_an_endless_frame_is_refused() -> None:
    frames = Frames()
    with pytest.raises(errors.MalformedAnswer):
        for _ in range(100):
            list(frames.feed(b"data: " + b"x" * 100_000))
