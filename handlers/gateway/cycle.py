"""One request and its answer on the wire: head and body leave together.

A write wakes the reader on the other side; two for every short answer cost more than all that the
gateway does for it.
"""

from collections.abc import Callable
from http import HTTPStatus

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Cycle(RequestResponseCycle):
    """uvicorn's cycle, but for how an answer is written."""

    refused: Callable[[], bool]
    """Whether the connection takes nothing more."""
    _head = b""

    async def receive(self) -> ASGIReceiveEvent:
        """A piece of the body; when what follows it is refused, the body has no end."""
        message = await super().receive()
        if message.get("more_body") and self.refused():
            return {"type": "http.disconnect"}
        return message

    async def send(self, message) -> None:  # type: ignore[no-untyped-def]
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
            self._begin(message["status"], [*self.default_headers, *message["headers"]])
        else:
            self._write(message.get("body", b""), last=not message.get("more_body", False))

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        check(headers)
        for name, value in headers:
            if name == b"content-length":
                self.expected_content_length = int(value)
                self.chunked_encoding = False
        lines = list(map(b": ".join, headers))
        if not self.keep_alive:
            lines.append(b"connection: close")
        has_body = self.scope["method"] != "HEAD" and status not in BODILESS
        if self.chunked_encoding is None and has_body:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        self._head = b"%s%s\r\n\r\n" % (STATUS_LINE[status], b"\r\n".join(lines))

    def _write(self, body: bytes, *, last: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length, body = 0, b""
        elif self.chunked_encoding:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n" * last
        else:
            self.expected_content_length -= len(body)
        if self.expected_content_length < 0 or (last and self.expected_content_length):
            raise RuntimeError("The body has another length than its head says.")
        self.transport.write(self._head + body)
        self._head = b""
        if last:
            self._end()

    def _end(self) -> None:
        self.response_complete = True
        self.message_event.set()
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
