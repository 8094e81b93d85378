"""The outermost middleware: request ids, one log line a request, errors in the contract's body."""

import asyncio
import logging
import time
from datetime import UTC, datetime

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from handlers.gateway import errors, tracing
from handlers.gateway.headers import secure
from handlers.gateway.request import Request
from handlers.gateway.respond import encoded, send_answer


class Edge:
    """Everything that enters and leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger().bind()  # as it is bound anew at every use otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing gets past this without the contract's body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = scope["prazium"] = Request(scope)
        request.send = send
        app = scope["state"]["app"]
        tracing.enter(app, request, scope)

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                mark(message["headers"], request)
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except (Exception, asyncio.CancelledError) as error:
            if request.status is not None:
                raise
            await send_answer(request, encoded(errors.reply(error, request.id)))
        finally:
            tracing.leave(app, request)
            write_log(self._log, request)


def mark(headers: list[tuple[bytes, bytes]], request: Request) -> None:
    """Add what every answer carries, and what its operation adds, to one that comes in parts."""
    secure(headers)
    headers.extend(request.marks)
    headers.append((b"x-request-id", request.id.encode()))
    headers.append((b"traceparent", request.trace.parent.encode()))


class Line(msgspec.Struct):
    """What the log says of a request; never a query, a header or a body."""

    timestamp: datetime
    level: str
    event: str
    request_id: str
    trace_id: str
    method: str
    operation: str | None
    route: str | None
    status: int | None
    tenant: str | None
    duration_ms: float


def write_log(log: FilteringBoundLogger, request: Request) -> None:
    """One line per request, made as a whole: to gather it from parts would take twice as long."""
    if not log.is_enabled_for(logging.INFO):
        return
    line = Line(
        datetime.now(UTC),
        "info",
        "request",
        request.id,
        request.trace.trace_id,
        request.method,
        request.operation_id,
        request.route,
        request.status,
        request.actor.tenant_id or None,
        round((time.monotonic() - request.began) * 1000, 1),
    )
    log.info("request", whole=line)
