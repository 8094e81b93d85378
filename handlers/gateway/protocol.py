"""HTTP/1.1 on the wire: uvicorn's protocol with limits of size and time, and the contract's errors.

A connection is waited for in three ways, each with an end: for the head of a request, for the rest
of a body that was answered already, and for a reader that does not read. The body of a request that
is being answered has its own limits (`handlers/gateway/readers.py`).
"""

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httptools
import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from handlers.gateway import errors
from handlers.gateway.cycle import Cycle
from services.context import new_id
from services.errors import (
    AddressTooLong,
    HeadersTooLarge,
    Overloaded,
    PraziumError,
    TooSlow,
    ValidationFailed,
)

log = structlog.get_logger()

MAX_HEADERS = 100
MAX_HEAD = 32 * 1024
MAX_TARGET = 16 * 1024
"""Room for the longest path and ref of the contract, with every character as %F0%9F%8C%B1."""
MAX_CONNECTIONS = 10_000
SLICE = 16 * 1024
"""The parser gets so many bytes at a time, so that what it keeps of a head is known so exactly."""
MAX_UNREAD = 16 * 1024 * 1024
LINGER_S = 2.0
LOOK_S = 0.02


class Farewell:
    """The transport of a last answer: where that closes it, the connection may linger."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self.close = close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Wire(HttpToolsProtocol):
    """One connection.

    Source: RFC 9112; RFC 9110, sections 15.5.9 (408) and 15.5.15 (414); RFC 6585, section 5 (431).
    """

    HEAD_S = 8.0
    """The head of a request has so long from its first byte, and a new connection for its first."""
    STALL_S = 30.0
    """A reader that takes nothing for so long is cut."""
    QUIET_S = 0.5
    """An idle connection of a process that ends is closed after so long without a request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._in_message = False
        self._in_head = True
        self._slice = 0
        self._kept = 0
        self._unread = 0
        self._ending = False
        self._refused = False
        self._refusal: PraziumError | None = None

    # The server's side

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(Overloaded())
        else:
            self._arm(LINGER_S if self._ends() else self.HEAD_S, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._disarm()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, a slice at a time."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        try:
            if len(data) <= SLICE:
                self._feed(data)
            else:
                for start in range(0, len(data), SLICE):
                    self._feed(data[start : start + SLICE])
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._disarm()
                self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(self._refusal or ValidationFailed("This is not a valid HTTP request."))

    def _feed(self, data: bytes) -> None:
        """Parse one slice; what the parser keeps without telling must not grow.

        Raises: HttpParserError, HttpParserUpgrade.
        """
        self._slice = len(data)
        self.parser.feed_data(data)
        if not self._in_message:
            if self._answered:
                self._wait_for_next()
            return
        self._kept += len(data)
        if self._kept > MAX_HEAD + SLICE:
            self._refusal = HeadersTooLarge()
            raise httptools.HttpParserError
        if self._in_head and self._timer is None:
            self._arm(self.HEAD_S, self._head_is_late)

    def shutdown(self) -> None:
        """End when the process does: after the present answer, or soon if there is none.

        A request may be on its way to an idle connection; it is answered still.
        """
        self._ending = True
        if self.cycle is None or self._answered:
            self._wait_for_next()
        else:
            self._make_last()

    def _ends(self) -> bool:
        """Whether the process has been asked to end, even if this connection was not there then."""
        app = self.app_state.get("app")
        return self._ending or (app is not None and app.draining.is_set())

    def pause_writing(self) -> None:
        """The reader is slow: give it a while."""
        super().pause_writing()
        self._stall = self.loop.call_later(self.STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader has read."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    # The parser's side

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_message = self._in_head = True
        self._kept = 0

    def on_headers_complete(self) -> None:
        """The head is complete: hold it against the limits and start the answer.

        Raises: PraziumError, which the parser turns into its own error.
        """
        self._in_head = False
        self._disarm()
        self._refusal = self._too_large() or self._without_host()
        if self._refusal is not None:
            raise self._refusal
        self.scope["headers"] = list(self.headers)  # without the trailers of a chunked body
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is before:
            return  # it becomes a WebSocket
        self.cycle.__class__ = Cycle  # uvicorn has no place to name another
        self.cycle.refused = self._is_refused  # type: ignore[attr-defined]
        if self._ends() or not self.cycle.keep_alive:
            self._make_last()

    def _is_refused(self) -> bool:
        return self._refused

    def _too_large(self) -> PraziumError | None:
        if len(self.url) > MAX_TARGET:
            return AddressTooLong(f"The address is longer than {MAX_TARGET} bytes.")
        if len(self.headers) > MAX_HEADERS:
            return HeadersTooLarge(f"There are more than {MAX_HEADERS} headers.")
        if self._kept + self._slice <= MAX_HEAD:
            return None
        size = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size + len(self.url) > MAX_HEAD:
            return HeadersTooLarge(f"The headers are larger than {MAX_HEAD // 1024} KiB.")
        return None

    def _without_host(self) -> PraziumError | None:
        """RFC 9112, section 3.2: what may be read as another's request is refused."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts == 1 or (hosts == 0 and self.parser.get_http_version() != "1.1"):
            return None
        return ValidationFailed("Send one header Host.")

    def on_body(self, body: bytes) -> None:
        """A piece of the body; of one that was answered already, only so much is taken."""
        self._kept = 0
        if self._answered:
            self._unread += len(body)
            if self._unread > MAX_UNREAD:
                self.flow.pause_reading()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete; if it was answered before, the next may come."""
        self._in_message = False
        if self._answered:
            self._disarm()
        super().on_message_complete()

    # The answer's side

    @property
    def _answered(self) -> bool:
        """Whether the newest request has its whole answer."""
        return self.cycle is not None and self.cycle.response_complete

    def on_response_complete(self) -> None:
        """The answer is complete: wait for what is missing of the request, or for the next."""
        if self._refused and not self.pipeline:
            return  # it was the last
        super().on_response_complete()
        if self._in_message and not self._in_head and self._answered:
            self._unset_keepalive_if_required()
            self._unread = 0
            self._arm(LINGER_S, self._linger)

    def timeout_keep_alive_handler(self) -> None:
        """No further request was seen: look once more, as timers come before what has arrived.

        A process that had no time for a while would close on a request otherwise.
        """
        self.timeout_keep_alive_task = self.loop.call_later(LOOK_S, self._end)

    def _wait_for_next(self) -> None:
        self._unset_keepalive_if_required()
        delay = self.QUIET_S if self._ends() else self.timeout_keep_alive
        self.timeout_keep_alive_task = self.loop.call_later(delay, self.timeout_keep_alive_handler)

    def _end(self) -> None:
        """Close once all is written; a reader that does not read is not waited for without end."""
        self._disarm()
        self.transport.close()
        self._arm(self.STALL_S, self.transport.abort)

    def _head_is_late(self) -> None:
        self._timer = None
        if self._in_message:
            self._refuse(TooSlow(f"The headers did not arrive within {self.HEAD_S:.0f} seconds."))
        else:
            self._end()

    def _refuse(self, error: PraziumError) -> None:
        """Answer for the application; nothing that follows is read."""
        self._refused = True
        if self.cycle is not None and not self._answered:
            self._make_last()
            self.cycle.message_event.set()
        else:
            self.transport.write(refusal(error))
            self._linger()

    def _make_last(self) -> None:
        """The newest request's answer ends the connection."""
        self.cycle.keep_alive = False
        self.cycle.transport = Farewell(self.transport, self._close_after_answer)  # type: ignore[assignment]

    def _close_after_answer(self) -> None:
        if self._in_message or self._refused:
            self._linger()
        else:
            self._end()

    def _linger(self) -> None:
        """Say that nothing follows, and throw away what comes until the client has closed.

        To close on unread bytes would reset the connection and take the answer with it (RFC 9112,
        section 9.6).
        """
        self._refused = True
        self._disarm()
        self._unset_keepalive_if_required()
        if not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()
        self._arm(LINGER_S, self.transport.abort)

    # Time

    def _arm(self, seconds: float, call: Any) -> None:
        self._timer = self.loop.call_later(seconds, call)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def refusal(error: PraziumError) -> bytes:
    """A whole answer that closes the connection, in the contract's body; logged as one line."""
    request_id = new_id("req")
    log.info("request", request_id=request_id, status=error.status, refused=type(error).__name__)
    reply = errors.reply(error, request_id)
    content = msgspec.json.encode(reply.body)
    headers = {
        "date": formatdate(usegmt=True),
        "content-type": "application/json",
        "content-length": str(len(content)),
        "connection": "close",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": request_id,
    } | reply.headers
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[error.status] + head.encode("latin-1") + b"\r\n" + content
