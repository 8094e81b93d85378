"""What is seen from outside of one request: its ids, its trace, its span, its figures."""

import itertools
import os
import re
import secrets
import time

from starlette.types import Scope

from handlers.gateway.request import Request
from services import spans, tracing
from services.context import App
from services.redaction import without_secrets
from services.tracing import CURRENT, Origin, Trace

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
NO_ROUTE = "(none)"


def enter(app: App, request: Request, scope: Scope) -> None:
    """Give the request its ids: the caller's if they are well formed, else new ones."""
    request.id = request_id_of(request)
    parent = parent_of(request, scope)
    if app.tracer is not None:
        request.trace, request.span = app.tracer.begin(request.method, "server", parent)
    else:
        request.trace = tracing.continued(parent) if parent else tracing.begun()
    CURRENT.set(Origin(request.id, request.trace))
    app.metrics.in_flight += 1


def leave(app: App, request: Request) -> None:
    """Count the request, and end its span."""
    app.metrics.in_flight -= 1
    route, status = request.route or NO_ROUTE, request.status or 0
    app.metrics.request(route, request.method, status, time.monotonic() - request.began)
    if request.span is not None:
        about: dict[str, str | int] = {
            "http.request.method": request.method,
            "http.route": route,
            "http.response.status_code": status,
            "prazium.request_id": request.id,
            "prazium.tenant": request.actor.tenant_id,
        }
        request.span.update_name(f"{request.method} {route}")
        spans.finish(request.span, about, failed=status >= 500 or not status)


def request_id_of(request: Request) -> str:
    """The caller's one X-Request-Id if it is well formed and no secret, else a new one."""
    given = request.headers.get(b"x-request-id")
    if given is not None and b"x-request-id" not in request.repeated:
        name = given.decode("latin-1")
        if REQUEST_ID.fullmatch(name) and without_secrets(name) == name:
            return name
    return new_request_id()


class RequestIds:
    """Ids of requests: random for the process, counted within it; a TypeID would cost ten times."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin anew, as a forked process must."""
        self._prefix = f"req_{secrets.token_hex(8)}"
        self._count = itertools.count()

    def __call__(self) -> str:
        """The next."""
        return f"{self._prefix}{next(self._count):08x}"


new_request_id = RequestIds()
os.register_at_fork(after_in_child=new_request_id.renew)


def parent_of(request: Request, scope: Scope) -> Trace | None:
    """Where in which trace the caller is, if it says so, well and once."""
    given = request.headers.get(b"traceparent")
    if given is None or b"traceparent" in request.repeated:
        return None
    state = b",".join(value for name, value in scope["headers"] if name == b"tracestate")
    return tracing.read(given.decode("latin-1"), state.decode("latin-1"))
