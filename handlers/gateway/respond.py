"""What handlers return, and how it becomes bytes in the contract's envelope."""

from typing import Any, TypeVar

import msgspec
from starlette.types import Send

from services.idempotency import Answer
from services.pages import Page

T = TypeVar("T")

API = "/v1"
ALIAS = "/api"
"""The current version by the name of the older documents."""
JSON = "application/json"

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


def paged(page: Page[T]) -> Reply:
    """200 with a page's items and where they stand."""
    return Reply(200, {"success": True, "data": page.items, "pagination": page.pagination})


def plain(data: object) -> Reply:
    """200 with the data alone, for what stands outside the envelope."""
    return Reply(200, data)


def encoded(reply: Reply) -> Answer:
    """A reply in bytes."""
    return Answer(reply.status, reply.headers, encode(reply.body))


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send an answer; to HEAD its headers alone, and no type or length without a body."""
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    if answer.body:
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
