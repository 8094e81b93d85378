"""What is known of a request while it is answered."""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.types import Scope, Send

from handlers.gateway.headers import Headers
from services.context import Actor
from services.errors import ValidationFailed
from services.tracing import Trace

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from handlers.gateway.shedding import Place

Whole = Callable[[int, bytes, bytes], Awaitable[None]]
"""Writes an answer in one piece: its status, its header lines and its body."""
WHOLE = "prazium.whole"
"""Where in the scope our server puts a `Whole`; others have none."""
Arrived = Callable[[], bytes | None]
"""The whole body, if it is here already; None if it must be received."""
ARRIVED = "prazium.arrived"
"""Where in the scope our server puts an `Arrived`; others have none."""
LISTS = frozenset({b"if-match", b"if-none-match"})
"""Headers that may stand in several lines, and mean what one with all of it does."""
NOBODY = Actor("", "")
NOWHERE = Trace("", "")


class Request:
    """One request; made at the edge, filled on the way, logged at the end."""

    __slots__ = (
        "actor",
        "arrived",
        "began",
        "body",
        "headers",
        "id",
        "marks",
        "method",
        "operation_id",
        "place",
        "repeated",
        "route",
        "send",
        "span",
        "status",
        "trace",
        "whole",
    )

    def __init__(self, scope: Scope) -> None:
        self.send: Send
        self.whole: Whole | None = scope.get(WHOLE)
        self.arrived: Arrived | None = scope.get(ARRIVED)
        pairs = scope["headers"]
        self.headers: dict[bytes, bytes] = dict(pairs)
        self.repeated: frozenset[bytes] = frozenset()
        if len(self.headers) != len(pairs):
            self.repeated = repeated_names(pairs) - LISTS
            self.headers |= joined_lists(pairs)
        self.id = ""
        self.method: str = scope["method"]
        self.actor = NOBODY
        self.body = b""
        self.marks: Headers = ()
        self.operation_id: str | None = None
        self.place: Place
        self.route: str | None = None
        self.status: int | None = None
        self.trace: Trace = NOWHERE
        self.span: Span | None = None
        self.began = time.monotonic()

    def header(self, name: bytes) -> str | None:
        """A header's only value; `name` in lower case.

        Raises: ValidationFailed if it is given more than once.
        """
        if name in self.repeated:
            raise ValidationFailed(f"The header {name.decode()} is given more than once.")
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


def joined_lists(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers that are lists, each as one (RFC 9110, section 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in LISTS:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def repeated_names(pairs: list[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The names that occur more than once."""
    names = [name for name, _ in pairs]
    return frozenset(name for name in names if names.count(name) > 1)
