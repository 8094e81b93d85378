"""What handlers return, and how it becomes bytes in the contract's envelope."""

import functools
import re
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from handlers.gateway.headers import DEFAULTS, Headers, as_lines
from handlers.gateway.request import Request
from services.cursors import Section
from services.idempotency import Answer
from services.pages import Page
from services.tracing import Trace

T = TypeVar("T")

API = "/v1"
ALIAS = "/api"
"""The current version by the name of the older documents."""
JSON = "application/json"
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

encode = msgspec.json.Encoder().encode


class Reply(msgspec.Struct, frozen=True):
    """A status, a body and headers; the gateway encodes and checks it."""

    status: int
    body: Any
    headers: dict[str, str] = {}


def ok(data: object) -> Reply:
    """200 with the data in the envelope."""
    return Reply(200, {"success": True, "data": data})


def created(data: object, location: str) -> Reply:
    """201 with the data in the envelope and where it is."""
    return Reply(201, {"success": True, "data": data}, {"location": API + location})


def accepted(data: object, location: str) -> Reply:
    """202 with the data in the envelope and where it will be."""
    return Reply(202, {"success": True, "data": data}, {"location": API + location})


def paged(page: Page[T] | Section[T]) -> Reply:
    """200 with a page's items and where they stand."""
    return Reply(200, {"success": True, "data": page.items, "pagination": page.pagination})


def plain(data: object) -> Reply:
    """200 with the data alone, for what stands outside the envelope."""
    return Reply(200, data)


def encoded(reply: Reply) -> Answer:
    """A reply in bytes."""
    return Answer(reply.status, reply.headers, encode(reply.body))


async def send_answer(request: Request, answer: Answer) -> None:
    """Send an answer, in one piece if the server can; to HEAD its headers alone."""
    request.status = answer.status
    lines = lines_of(answer, request.id, request.trace, request.marks)
    body = b"" if request.method == "HEAD" else answer.body
    if request.whole is not None:
        await request.whole(answer.status, lines, body)
        return
    pairs = [tuple(line.split(b": ", 1)) for line in lines.splitlines()]
    await request.send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await request.send({"type": "http.response.body", "body": body})


def lines_of(answer: Answer, request_id: str, trace: Trace, marks: Headers = ()) -> bytes:
    """All headers of an answer, each with its line break.

    Raises: RuntimeError for a value that could break out of its line (RFC 9110, section 5.5).
    """
    given = ""
    if answer.headers:
        values = "".join(answer.headers.values())
        if not values.isprintable() and UNSAFE.search(values):
            raise RuntimeError("A header has characters that it must not have.")
        given = "".join([f"{name}: {value}\r\n" for name, value in answer.headers.items()])
    if answer.status not in BODILESS:
        given += f"content-type: {JSON}\r\ncontent-length: {len(answer.body)}\r\n"
    ids = f"x-request-id: {request_id}\r\ntraceparent: {trace.parent}\r\n"
    marked = as_lines(marks) if marks else b""
    return (given + ids).encode("latin-1") + marked + always(tuple(answer.headers))


@functools.lru_cache(maxsize=256)
def always(given: tuple[str, ...]) -> bytes:
    """The lines that every answer carries, but those that one with these headers has itself."""
    return as_lines(tuple(pair for pair in DEFAULTS if pair[0].decode() not in given))
