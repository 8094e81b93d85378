"""Requests from pages of other origins, for those that the settings name (Fetch Standard, 3.2).

Credentials are never allowed: a key travels in `Authorization`, which a page sets itself, so that
no page can spend what a browser happens to hold.
"""

import msgspec
import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.gateway import errors
from handlers.gateway.headers import secure
from handlers.gateway.request import WHOLE
from handlers.gateway.respond import JSON
from services import tracing
from services.context import new_id
from services.errors import Forbidden
from services.schemas import Json

log = structlog.get_logger()

ACCEPTED = ("Authorization", "Content-Type", "X-Request-Id", "traceparent", "tracestate")
EXPOSED = (
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "traceparent",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)


class Cors(CORSMiddleware):
    """Starlette's, with what it answers itself in our manner. It stands outside of everything."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...], contract: Json) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=methods_of(contract),
            allow_headers=sorted({*ACCEPTED, *header_parameters(contract)}),
            expose_headers=EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add to the headers of an answer, which so must come in parts."""
        scope.pop(WHOLE, None)
        await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """204 with what is allowed; 403 in the contract's body."""
        plain = super().preflight_response(request_headers)
        request_id = new_id("req")
        headers = {k: v for k, v in plain.headers.items() if not k.startswith("content-")}
        if plain.status_code == 200:
            response = Response(status_code=204, headers=headers)
        else:
            reply = errors.reply(Forbidden(f"{bytes(plain.body).decode()}."), request_id)
            content = msgspec.json.encode(reply.body)
            response = Response(content, reply.status, headers, JSON)
        secure(response.raw_headers)
        trace = tracing.begun()
        response.headers["x-request-id"] = request_id
        response.headers["traceparent"] = trace.parent
        log.info(
            "request",
            request_id=request_id,
            trace_id=trace.trace_id,
            method="OPTIONS",
            status=response.status_code,
        )
        return response


def methods_of(contract: Json) -> list[str]:
    """The methods that the contract has, and HEAD."""
    found = {method.upper() for item in contract["paths"].values() for method in item}
    return sorted(found | {"HEAD"})


def header_parameters(contract: Json) -> set[str]:
    """The names of the headers that operations take."""
    shared = list(contract["components"].get("parameters", {}).values())
    operations = [operation for item in contract["paths"].values() for operation in item.values()]
    own = [parameter for operation in operations for parameter in operation.get("parameters", [])]
    return {each["name"] for each in [*shared, *own] if each.get("in") == "header"}
