"""Traces: which request began what, across processes.

Every request and every task has a `Trace`, in the form of W3C Trace Context; it is made of slices
and random numbers and costs a microsecond. `spans` sends spans of the same ids, if that is wanted.
"""

import random
import re
from collections.abc import Mapping
from contextvars import ContextVar

import msgspec

TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)
MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
)
ODD = 1 << 64 | 1
"""Ids that end in an odd digit are never all zero."""
MAX_MEMBERS = 32
MAX_STATE = 512


class Trace(msgspec.Struct, frozen=True):
    """A place in a trace: the span in which something happens."""

    trace_id: str
    span_id: str
    sampled: bool = False
    state: str = ""

    @property
    def parent(self) -> str:
        """The place as a `traceparent`, for what follows from it."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


class Origin(msgspec.Struct, frozen=True):
    """Where what happens comes from: a request, its place in a trace, perhaps a task."""

    request_id: str = ""
    trace: Trace | None = None
    task: Mapping[str, object] = {}

    def settings(self) -> dict[str, str]:
        """For a transaction, whose rows then tell it (`db/pool.py`)."""
        trace = self.trace
        return {
            "request_id": self.request_id,
            "traceparent": trace.parent if trace else "",
            "tracestate": trace.state if trace else "",
        }

    def logged(self) -> dict[str, object]:
        """For a line of the log."""
        ids = {"request_id": self.request_id, "trace_id": self.trace and self.trace.trace_id}
        return {name: value for name, value in ids.items() if value} | dict(self.task)


CURRENT: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  (it is frozen)
"""The origin of what this task of the event loop does; set once, when the task begins."""


def begun() -> Trace:
    """A new trace."""
    digits = f"{random.getrandbits(192) | ODD:048x}"
    return Trace(digits[:32], digits[32:])


def continued(parent: Trace) -> Trace:
    """The next span of a trace."""
    return Trace(parent.trace_id, new_span_id(), parent.sampled, parent.state)


def new_span_id() -> str:
    """Eight random bytes, not all zero."""
    return f"{random.getrandbits(64) or 1:016x}"


def read(traceparent: str, tracestate: str = "") -> Trace | None:
    """Where the caller is, or None if `traceparent` is malformed.

    A malformed `tracestate` is left out; a version that we do not know is read as far as it is like
    version 00. Source: www.w3.org/TR/trace-context, 3.2 and 3.3.
    """
    found = TRACEPARENT.fullmatch(traceparent)
    if found is None or (found[1] and traceparent.startswith("00")):
        return None
    sampled = bool(int(traceparent[53:55], 16) & 1)
    return Trace(traceparent[3:35], traceparent[36:52], sampled, read_state(tracestate))


def read_state(tracestate: str) -> str:
    """The vendors' part if it is well formed and of a size that must be passed on, else nothing."""
    members = [member.strip(" \t") for member in tracestate.split(",")]
    named = [member for member in members if member]
    keys = {member.partition("=")[0] for member in named}
    fits = len(tracestate) <= MAX_STATE and len(named) <= MAX_MEMBERS and len(keys) == len(named)
    return ",".join(named) if fits and all(map(MEMBER.fullmatch, named)) else ""
