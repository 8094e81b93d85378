"""HTTP/1.1 on the wire: uvicorn's protocol with limits of size and time, and the contract's errors.

A connection is waited for in three ways, each with an end: for the head of a request, for the rest
of a body that was answered already, and for a reader that does not read. The body of a request that
is being answered has its own limits (`handlers/gateway/bodies.py`).
"""

import asyncio
from collections import deque
from typing import Any

import httptools
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from handlers.gateway.cycle import Cycle, Farewell
from handlers.gateway.errors import refusal
from handlers.gateway.head import (
    EXPECTS,
    FRAMING,
    MAX_HEAD,
    Pair,
    misread,
    scope_of,
    too_large,
    without_upgrade,
)
from handlers.gateway.idling import Idling
from handlers.gateway.outbox import outbox_of
from handlers.gateway.tracing import NO_ROUTE
from services.errors import (
    HeadersTooLarge,
    Overloaded,
    PraziumError,
    TooSlow,
    ValidationFailed,
)

MAX_CONNECTIONS = 10_000
SLICE = 16 * 1024
"""The parser gets so many bytes at a time, so that what it keeps of a head is known so exactly."""
MAX_UNREAD = 16 * 1024 * 1024
LINGER_S = 2.0


class Wire(Idling):
    """One connection.

    Source: RFC 9112; RFC 9110, sections 15.5.9 (408) and 15.5.15 (414); RFC 6585, section 5 (431).
    """

    HEAD_S = 8.0
    """The head of a request has so long from its first byte, and a new connection for its first."""
    STALL_S = 30.0
    """A reader that takes nothing for so long is cut."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app = innermost(self.app)
        self.cycle: Cycle | None = None  # type: ignore[assignment]
        self.pipeline: deque[Cycle] = deque()  # type: ignore[assignment]
        self._current: Cycle | None = None
        self.outbox = outbox_of(self.loop)
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._in_message = False
        self._in_head = True
        self._upgrades = False
        self._framing: list[Pair] = []
        self._slice = 0
        self._kept = 0
        self._unread = 0
        self._ending = False
        self._refused = self._deaf = False
        self._refusal: PraziumError | None = None
        self._last_word: PraziumError | None = None

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
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.resume_writing()
        if self._current is not None:
            self._current.lose()
        self.transport.close()
        self.parser = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Parse what came, a slice at a time."""
        if self._refused or self._deaf or not self._is_used_by(data):
            return
        try:
            if len(data) <= SLICE:
                self._feed(data)
            else:
                for start in range(0, len(data), SLICE):
                    self._feed(data[start : start + SLICE])
        except httptools.HttpParserUpgrade:
            self._disarm()
            self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(self._refusal or ValidationFailed("This is not a valid HTTP request."))

    def _feed(self, data: bytes) -> None:
        """Parse one slice; what the parser keeps without telling must not grow.

        Raises: HttpParserError, HttpParserUpgrade.
        """
        self._slice = len(data)
        self._parse(data)
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

    def _parse(self, data: bytes) -> None:
        """Parse; a wish for another protocol that nobody speaks here is passed over.

        The parser stops behind the head of such a request and takes what follows for that protocol:
        it reads the head again without the wish, then the rest. Behind a CONNECT nothing is read.
        Source: RFC 9110, section 7.8. Raises: HttpParserError, HttpParserUpgrade.
        """
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                if not self._upgrades:
                    return
                if self._should_upgrade():
                    raise
                data = data[upgrade.args[0] :]
                method, version = self.parser.get_method(), self.parser.get_http_version()
                head = without_upgrade(method, self.url, version, self.headers)
                self.parser = httptools.HttpRequestParser(self)
                self.parser.feed_data(head)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends nothing more; what it has asked for is still answered."""
        self.outbox.flush()
        if self.cycle is None or self._answered or self._in_message:
            return False
        self._make_last(self.cycle)
        for cycle in (self._current, *self.pipeline):
            if cycle is not None:
                cycle.hush()
        return True

    def shutdown(self) -> None:
        """End when the process does: after the present answer, or soon if there is none.

        A request may be on its way to an idle connection; it is answered still.
        """
        self._ending = True
        if self.cycle is None or self._answered:
            self._wait_for_next()
        else:
            self._make_last(self.cycle)

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
        self._in_message = self._in_head = True
        self._kept = 0
        self.url = b""
        self.headers = []
        self._framing = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        name, value = name.lower(), value.rstrip(b" \t")  # the parser leaves blanks behind a value
        self.headers.append((name, value))
        if name in FRAMING:
            self._framing.append((name, value.lower()))

    def on_headers_complete(self) -> None:
        """The head is complete: hold it against the limits and start the answer.

        Raises: PraziumError, which the parser turns into its own error.
        """
        self._disarm()
        version = self.parser.get_http_version()
        self._refusal = too_large(self.url, self.headers, self._kept + self._slice)
        if self._refusal is None and (why := misread(tuple(self._framing), version)):
            self._refusal = ValidationFailed(why)
        if self._refusal is not None:
            raise self._refusal
        self._in_head = False
        self.scope = scope = scope_of(self, version)  # type: ignore[assignment]
        tunnel = scope["method"] == "CONNECT"
        self._upgrades = self.parser.should_upgrade() and not tunnel
        if self._upgrades:
            return
        waits = self.cycle is not None and not self.cycle.response_complete
        self.cycle = cycle = self._cycle(scope)
        if self._ends() or not cycle.keep_alive or tunnel:
            self._make_last(cycle)
        if waits:
            if self.pipeline:  # behind one it is read on, to see that the client leaves
                self.flow.pause_reading()
            self.pipeline.appendleft(cycle)
        else:
            self._begin(cycle)

    def _begin(self, cycle: Cycle) -> None:
        """Let a request be answered; others that came meanwhile wait for it."""
        self._current = cycle
        cycle.begin(self.app)

    def _cycle(self, scope: Scope) -> Cycle:
        return Cycle(
            scope,
            self.transport,
            self.flow,
            self.server_state,
            self.outbox,
            keep_alive=scope["http_version"] != "1.0" and self.parser.should_keep_alive(),
            expects=EXPECTS in self._framing and scope["http_version"] != "1.0",
            refused=self._is_refused,
            on_stream=self._on_stream,
            on_response=self.on_response_complete,
        )

    def _is_refused(self) -> bool:
        return self._refused

    def on_body(self, body: bytes) -> None:
        """A piece of the body; of one that was answered already, only so much is taken."""
        self._kept = 0
        if self._answered:
            self._unread += len(body)
            if self._unread > MAX_UNREAD:
                self.flow.pause_reading()
        elif self.cycle is not None and not self._upgrades:
            self.cycle.body += body
            if len(self.cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            self.cycle.wake()

    def on_message_complete(self) -> None:
        """The request is complete; if it was answered before, the next may come."""
        self._in_message = False
        if self._answered:
            self._disarm()
        elif self.cycle is not None and not self._upgrades:
            self.cycle.more_body = False
            self.cycle.wake()

    # The answer's side

    @property
    def _answered(self) -> bool:
        """Whether the newest request has its whole answer; `cycle` is the newest one."""
        return self.cycle is not None and self.cycle.response_complete

    def on_response_complete(self) -> None:
        """The answer is complete: wait for what is missing of the request, or for the next."""
        if self._refused and not self.pipeline:
            if self._last_word is not None and self.cycle is not None and self.cycle.keep_alive:
                self._say(self._last_word)
            return  # it was the last
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._begin(self.pipeline.pop())
        elif self._in_message and not self._in_head:
            self._unread = 0
            self._arm(LINGER_S, self._linger)
        else:
            self._wait_for_next()

    def _end(self) -> None:
        """Close once all is written; a reader that does not read is not waited for without end."""
        self._disarm()
        self.outbox.flush()
        self.transport.close()
        self._arm(self.STALL_S, self.transport.abort)

    def _head_is_late(self) -> None:
        self._timer = None
        if self._in_message:
            self._refuse(TooSlow(f"The headers did not arrive within {self.HEAD_S:.0f} seconds."))
        else:
            self._end()

    def _refuse(self, error: PraziumError) -> None:
        """Answer for the application, behind what is being answered; nothing more is read."""
        self._refused = True
        if self.cycle is None or self._answered:
            self._say(error)
        elif self._in_message and not self._in_head:
            self._make_last(self.cycle)
            self.cycle.wake()
        else:
            self._last_word = error

    def _say(self, error: PraziumError) -> None:
        method = self.parser.get_method().decode() if self.url else ""
        app = self.app_state.get("app")
        if app is not None:
            app.metrics.request(NO_ROUTE, method, error.status, 0.0)
        self.outbox.flush()
        self.transport.write(refusal(error, method))
        self._linger()

    def _on_stream(self, cycle: Cycle) -> None:
        """A stream ends when its client leaves or we do: it is the last answer of its connection.

        Nothing is done that was asked behind it, and what comes is thrown away: a connection that
        is not read would not tell that the client has left.
        """
        self._make_last(cycle)
        self._deaf = True
        self.pipeline.clear()
        self.cycle = cycle
        self.flow.resume_reading()

    def _make_last(self, cycle: Cycle) -> None:
        """The answer ends the connection; what was asked behind it is not done."""
        cycle.keep_alive = False
        cycle.transport = Farewell(self.transport, self._close_after_answer)  # type: ignore[assignment]

    def _close_after_answer(self) -> None:
        unread = self._in_message or self._refused or bool(self.pipeline)
        self.pipeline.clear()
        self._last_word = None
        if unread:
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
        self.outbox.flush()
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


def innermost(app: ASGIApp) -> ASGIApp:
    """What Connexion's application calls by its stack, which is built: two calls less a request."""
    stack = getattr(app, "middleware", None)
    found: ASGIApp = getattr(stack, "app", None) or app
    return found
