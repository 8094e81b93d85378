"""The outermost middleware: request ids, one log line a request, errors in the contract's body."""

import asyncio
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.gateway import errors, tracing
from handlers.gateway.headers import secure
from handlers.gateway.request import Request
from handlers.gateway.respond import encoded, send_answer

log = structlog.get_logger()


class Edge:
    """Everything that enters and leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            write_log(request)


def mark(headers: list[tuple[bytes, bytes]], request: Request) -> None:
    """Add what every answer carries, and what its operation adds, to one that comes in parts."""
    secure(headers)
    headers.extend(request.marks)
    headers.append((b"x-request-id", request.id.encode()))
    headers.append((b"traceparent", request.trace.parent.encode()))


def write_log(request: Request) -> None:
    """One line per request; never a query, a header or a body."""
    log.info(
        "request",
        request_id=request.id,
        trace_id=request.trace.trace_id,
        method=request.method,
        operation=request.operation_id,
        route=request.route,
        status=request.status,
        tenant=request.actor.tenant_id or None,
        duration_ms=round((time.monotonic() - request.began) * 1000, 1),
    )
