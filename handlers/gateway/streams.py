"""Answers that are not one JSON body: event streams and files."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.responses import Response, StreamingResponse

from generated.models import Event, TenantEvent

E = TypeVar("E")

HEARTBEAT_S = 15.0
CHUNK = 256 * 1024
RETRY = b"retry: 1000\n\n"
FAREWELL = b": the process ends; go on at another\nretry: %d\n\n"
RETURN_MS = (100, 1500)
"""So much later clients come back, each at another moment, so that they do not all come at once."""


def frame(event: Event) -> bytes:
    """An event of a run: its number, its type, and its payload with the task's id."""
    about = {"taskId": event.task_id} if event.task_id else {}
    data = msgspec.json.encode(about | event.payload)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, event.event_type.encode(), data)


def feed_frame(event: TenantEvent | str) -> bytes:
    """An event of a tenant: its cursor, its type, and all of it; or a cursor alone."""
    if isinstance(event, str):
        return b"id: %s\n\n" % event.encode()
    told = event.cursor.encode(), event.event_type.encode(), msgspec.json.encode(event)
    return b"id: %s\nevent: %s\ndata: %s\n\n" % told


def event_stream(
    batches: AsyncIterator[list[E]] | None,
    ending: asyncio.Event,
    framed: Callable[[E], bytes],
    place: str | None = None,
) -> Response:
    """Server-sent events; 204 if nothing can come any more. `ending` says why they end early.

    `place` is the id that a client comes back with if no event has come yet.

    Source: WHATWG HTML, section 9.2.
    """
    if batches is None:
        return Response(status_code=204)
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(
        frames(batches, ending, framed, place), media_type="text/event-stream", headers=headers
    )


async def frames(
    batches: AsyncIterator[list[E]],
    ending: asyncio.Event,
    framed: Callable[[E], bytes],
    place: str | None,
) -> AsyncIterator[bytes]:
    """Frames as the events come, and a comment when none has come for a while."""
    yield RETRY if place is None else RETRY + feed_frame(place)
    sent = time.monotonic()
    async for batch in batches:
        if batch:
            yield b"".join(map(framed, batch))
        elif time.monotonic() - sent >= HEARTBEAT_S:
            yield b": still here\n\n"
        else:
            continue
        sent = time.monotonic()
    if ending.is_set():
        yield FAREWELL % random.randint(*RETURN_MS)


def head_of(answer: Response) -> Response:
    """The answer to HEAD: the same status and headers, and nothing is read or waited for."""
    head = Response(status_code=answer.status_code)
    head.raw_headers = answer.raw_headers
    return head


def file(path: Path, name: str, media_type: str, size: int) -> Response:
    """A file to be saved under a name; read in pieces, off the event loop."""
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(size),
    }
    return StreamingResponse(chunks(path), media_type=media_type, headers=headers)


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """The file's bytes in pieces."""
    with await asyncio.to_thread(path.open, "rb") as opened:
        while piece := await asyncio.to_thread(opened.read, CHUNK):
            yield piece
