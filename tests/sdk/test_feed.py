"""Following the tenant over connections that break; the stream has no end."""

import asyncio
import json
from collections.abc import Callable
from itertools import islice

import pytest
from aiohttp import web
from attrs import evolve
from prazium import Prazium, TenantEvent, errors
from prazium.models import QueuePaused

from tests.sdk.harness import QUICK, Handler, Server
from tests.sdk.test_stream import CLOSE, DROP, resumed_after, script

Serve = Callable[[Handler], Server]
BEGIN = b"retry: 10\n\nid: begin\n\n"


def frame(cursor: str, **changed: object) -> bytes:
    """An event of the tenant on the wire."""
    event = {
        "id": f"evt_{cursor}",
        "cursor": cursor,
        "projectId": None,
        "runId": None,
        "seq": None,
        "taskId": None,
        "eventType": "QUEUE_PAUSED",
        "payload": {"queue": f"q-{cursor}"},
        "createdAt": "2026-01-15T11:32:00Z",
    } | changed
    return f"id: {cursor}\nevent: QUEUE_PAUSED\ndata: {json.dumps(event)}\n\n".encode()


def followed(server: Server, count: int, **given: str) -> list[TenantEvent]:
    """So many events of the stream."""
    with Prazium("key", server.url, reconnect=QUICK) as client:
        return list(islice(client.feed.follow(**given), count))


def test_events_of_the_tenant_are_typed_and_know_their_place(serve: Serve) -> None:
    [event] = followed(serve(script(([BEGIN, frame("a")], CLOSE))), 1)
    assert isinstance(event.payload, QueuePaused)
    assert (event.payload.queue, event.cursor, event.run_id) == ("q-a", "a", None)


def test_a_stream_that_broke_before_its_first_event_goes_on_where_it_began(serve: Serve) -> None:
    server = serve(script(([BEGIN], DROP), ([BEGIN, frame("a"), frame("b")], DROP), ([], CLOSE)))
    assert [event.cursor for event in followed(server, 2)] == ["a", "b"]
    assert resumed_after(server) == [None, "begin"]


def test_a_stream_is_taken_up_behind_its_last_whole_event(serve: Serve) -> None:
    half = frame("b")[:-1]
    first = ([BEGIN, frame("a"), half], DROP)
    server = serve(script(first, ([b"id: a\n\n", frame("b")], CLOSE)))
    assert [event.cursor for event in followed(server, 2, after="here")] == ["a", "b"]
    assert resumed_after(server) == ["here", "a"]


def test_a_place_that_is_none_is_refused_at_once(serve: Serve) -> None:
    server = serve(script(400))
    with pytest.raises(errors.APIError):
        followed(server, 1, after="nowhere")
    assert len(server.requests) == 1


def test_quiet_connections_that_held_do_not_count_as_failures(serve: Serve) -> None:
    """A proxy cuts off even the best stream now and then."""
    reconnect = evolve(QUICK, attempts=2)
    cut = QUICK.heartbeat * 1.5

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(BEGIN)
        if len(server.requests) > 4:
            await response.write(frame("a"))
        for _ in range(6):
            await asyncio.sleep(cut / 6)
            await response.write(b": still here\n\n")
        return response

    server = serve(handler)
    with Prazium("key", server.url, reconnect=reconnect) as client:
        assert next(client.feed.follow()).cursor == "a"


def test_connections_that_end_at_once_are_failures(serve: Serve) -> None:
    server = serve(script(([BEGIN], CLOSE)))
    with pytest.raises(errors.ConnectionFailed):
        followed(server, 1)
    assert len(server.requests) == QUICK.attempts + 1
