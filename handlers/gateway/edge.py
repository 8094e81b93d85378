"""The outermost middleware: request ids, one log line a request, errors in the contract's body."""

import re
import time
from dataclasses import dataclass, field

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.gateway import errors
from handlers.gateway.respond import API, JSON
from handlers.gateway.schemas import Json
from services.context import Actor, new_id

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
NOBODY = Actor("", "")
HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


@dataclass(slots=True)
class Request:
    """What is known of a request while it is answered."""

    id: str
    actor: Actor = NOBODY
    operation_id: str | None = None
    status: int | None = None
    began: float = field(default_factory=time.monotonic)


class Edge:
    """Everything that enters and leaves."""

    def __init__(self, app: ASGIApp, contract: Json) -> None:
        self._app = app
        self._routes = [
            (pattern_of(path), sorted(method.upper() for method in item))
            for path, item in contract["paths"].items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing gets past this without the contract's body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(request_id_of(scope))
        scope["prazium"] = request

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                marks = [*HEADERS, (b"x-request-id", request.id.encode())]
                message["headers"] = with_defaults(list(message["headers"]), marks)
            await send(message)

        try:
            await self._answer(scope, receive, send_marked)
        except Exception as error:
            if request.status is not None:
                raise
            answer = errors.reply(error, request.id, self.allowed(scope["path"]))
            content = msgspec.json.encode(answer.body)
            response = Response(content, answer.status, answer.headers, JSON)
            await response(scope, receive, send_marked)
        finally:
            write_log(scope, request)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = self.allowed(scope["path"])
        if not allowed:
            raise HTTPException(404)  # here, as the router would redirect what ends with a slash
        if scope["method"] not in allowed:
            raise HTTPException(405)
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"allow": ", ".join(allowed)})(
                scope, receive, send
            )
        else:
            await self._app(scope, receive, send)

    def allowed(self, path: str) -> list[str]:
        """The methods of a path, in the words of `Allow`; none if there is no such path."""
        for pattern, methods in self._routes:
            if pattern.fullmatch(path):
                head = ["HEAD"] if "GET" in methods else []
                return sorted([*methods, *head, "OPTIONS"])
        return []


def pattern_of(path: str) -> re.Pattern[str]:
    """A path template as a pattern; `path` may hold slashes, nothing a line break."""
    parts = re.split(r"(\{[^}]+\})", path)
    pattern = "".join(
        (".*" if part == "{path}" else r"[^/\n]+") if part.startswith("{") else re.escape(part)
        for part in parts
    )
    return re.compile(API + pattern)


def request_id_of(scope: Scope) -> str:
    """The caller's X-Request-Id if it is well formed, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return new_id("req")


def with_defaults(
    headers: list[tuple[bytes, bytes]], defaults: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """The headers, and those of the defaults that are not among them."""
    present = {name for name, _ in headers}
    return headers + [pair for pair in defaults if pair[0] not in present]


def write_log(scope: Scope, request: Request) -> None:
    """One line per request; never a query, a header or a body."""
    log.info(
        "request",
        request_id=request.id,
        method=scope["method"],
        operation=request.operation_id,
        status=request.status,
        tenant=request.actor.tenant_id or None,
        duration_ms=round((time.monotonic() - request.began) * 1000, 1),
    )
