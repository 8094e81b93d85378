"""One request and its answer on the wire: head and body leave together.

A write wakes the reader on the other side; two for every short answer cost more than all that the
gateway does for it.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE
from uvicorn.server import ServerState

from handlers.gateway.headers import as_lines
from handlers.gateway.outbox import Outbox
from handlers.gateway.request import ARRIVED, WHOLE
from handlers.gateway.respond import BODILESS

logger = logging.getLogger("uvicorn.error")

APART = 64 * 1024
"""A larger body is written as it is: many connections may wait for the same bytes."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CRASHED: tuple[Message, Message] = (
    {"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]},
    {"type": "http.response.body"},
)
"""For an application that neither answers nor says why; ours always does."""


class Farewell:
    """The transport of a last answer: where that closes it, the connection may linger."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self.close = close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Cycle:
    """What an application gets for one request: `scope`, `receive` and `send` (ASGI 3.0)."""

    __slots__ = (
        "_arrived",
        "_chunked",
        "_expects",
        "_head",
        "_hushed",
        "_left",
        "_news",
        "_on_stream",
        "_refused",
        "_taken",
        "body",
        "disconnected",
        "flow",
        "keep_alive",
        "more_body",
        "on_response",
        "outbox",
        "response_complete",
        "response_started",
        "scope",
        "server",
        "task",
        "transport",
    )

    def __init__(
        self,
        scope: Scope,
        transport: asyncio.Transport,
        flow: FlowControl,
        server: ServerState,
        outbox: Outbox,
        *,
        keep_alive: bool,
        expects: bool,
        refused: Callable[[], bool],
        on_stream: Callable[["Cycle"], None],
        on_response: Callable[[], None],
    ) -> None:
        self.scope = scope
        scope[WHOLE] = self.answer
        scope[ARRIVED] = self.arrived
        self.transport = transport
        self.flow = flow
        self.server = server
        self.outbox = outbox
        self.keep_alive = keep_alive
        self.on_response = on_response
        self.task: asyncio.Task[None] | None = None
        self.body = b""
        self.more_body = True
        self.disconnected = self.response_started = self.response_complete = False
        self._expects = expects
        self._refused = refused
        self._on_stream = on_stream
        self._news = self._taken = self._hushed = False
        self._arrived: asyncio.Event | None = None
        self._chunked = False
        self._left: int | None = None
        self._head = b""

    def begin(self, app: ASGIApp) -> None:
        """Let the application answer, in a task of its own; the server waits for those it knows."""
        self.task = self.outbox.loop.create_task(self._run(app))
        self.server.tasks.add(self.task)

    async def _run(self, app: ASGIApp) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except BaseException as error:
            logger.error("Exception in ASGI application", exc_info=error)
        if not (self.response_complete or self.disconnected):
            await self._give_up()
        del self.scope  # it knows this object's methods; a circle would wait for the collector
        self.server.tasks.discard(self.task)

    async def _give_up(self) -> None:
        if self.response_started:
            self.transport.close()
            return
        self.keep_alive = False
        for message in CRASHED:
            await self.send(message)

    # The request's side

    def wake(self) -> None:
        """Something has changed that `receive` may wait for."""
        self._news = True
        if self._arrived is not None:
            self._arrived.set()

    def lose(self) -> None:
        """The client has gone."""
        self.disconnected = not self.response_complete
        self.wake()

    def hush(self) -> None:
        """The client says nothing more, and may be gone: who waits for something need not."""
        self._hushed = True
        self.wake()

    def arrived(self) -> bytes | None:
        """The whole body, if nobody has to wait for it."""
        if self.more_body or self._ended:
            return None
        self._news = self._expects = False
        return self._taken_body()

    def _taken_body(self) -> bytes:
        self._taken = not self.more_body
        body, self.body = self.body, b""
        return body

    async def receive(self) -> Message:
        """A piece of the body; when what follows it is refused, the body has no end."""
        if self._expects and not self.transport.is_closing():
            self.outbox.flush()
            self.transport.write(CONTINUE)
            self._expects = False
        if not self._news and not self._ended:
            self.flow.resume_reading()
            await self._wait()
        self._news = False
        if self._ended or (self.more_body and self._refused()):
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._taken_body(), "more_body": self.more_body}

    async def _wait(self) -> None:
        self._arrived = self._arrived or asyncio.Event()
        self._arrived.clear()
        await self._arrived.wait()

    @property
    def _ended(self) -> bool:
        left = self.disconnected or (self._hushed and self._taken)
        return left or self.response_complete

    # The answer's side

    async def send(self, message: Message) -> None:
        """Write a message of the application; the head waits for the first of the body.

        Raises: RuntimeError if the application does not keep to ASGI.
        """
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != kind or self.response_complete:
            raise RuntimeError(f"{message['type']} cannot come now.")
        if not self.response_started:
            self._begin(
                message["status"], [*self.server.default_headers, *message.get("headers", ())]
            )
        else:
            self._write(message.get("body", b""), last=not message.get("more_body", False))

    async def answer(self, status: int, lines: bytes, body: bytes) -> None:
        """Write a whole answer; `lines` are its headers, each with its line break.

        Raises: RuntimeError if another has begun.
        """
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_started:
            raise RuntimeError("An answer has begun already.")
        self.response_started = True
        ours = as_lines(tuple(self.server.default_headers))
        close = b"" if self.keep_alive else b"connection: close\r\n"
        head = b"%b%b%b%b\r\n" % (STATUS_LINE[status], ours, lines, close)
        if self.keep_alive and len(body) <= APART:
            self.outbox.put(self.transport, head + body)
        else:
            self._write_now(head, body)
        self._end()

    def _write_now(self, head: bytes, body: bytes) -> None:
        self.outbox.flush()
        if len(body) <= APART:
            self.transport.write(head + body)
        else:
            self.transport.writelines([head, body])

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        self._expects = False
        check(headers)
        for name, value in headers:
            if name == b"content-length":
                self._left = int(value)
        lines = list(map(b": ".join, headers))
        if self.scope["method"] == "HEAD" or status in BODILESS:
            self._left = 0
        elif self._left is None and self.scope["http_version"] != "1.0":
            self._chunked = True
            lines.append(b"transfer-encoding: chunked")
            self._on_stream(self)
        if not self.keep_alive:
            lines.append(b"connection: close")
        self._head = b"%s%s\r\n\r\n" % (STATUS_LINE[status], b"\r\n".join(lines))

    def _write(self, body: bytes, *, last: bool) -> None:
        if self.scope["method"] == "HEAD":
            self._left, body = 0, b""
        elif self._chunked:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n" * last
        elif self._left is not None:
            self._left -= len(body)
        if self._left and (self._left < 0 or last):
            raise RuntimeError("The body has another length than its head says.")
        self._write_now(self._head, body)
        self._head = b""
        if last:
            self._end()

    def _end(self) -> None:
        self.response_complete = True
        if self._arrived is not None:
            self._arrived.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def check(headers: list[tuple[bytes, bytes]]) -> None:
    """Hold headers against what could break out of them (RFC 9110, section 5).

    Raises: RuntimeError.
    """
    names, values = zip(*headers, strict=True)
    if HEADER_RE.search(b"".join(names)) or HEADER_VALUE_RE.search(b"".join(values)):
        raise RuntimeError("A header has characters that it must not have.")
