"""A job in the hands of a worker, and what its function can raise."""

import re
import traceback
from asyncio import Lock
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event
from typing import Any, Literal, get_args

from attrs import define, field, frozen

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[str, ...] = get_args(Level)

MOST_LINES = 10_001
"""One more than the service keeps of an attempt, so that it can say that there were more."""
LONGEST_LINE = 8000
LONGEST_MESSAGE = 4000
CODE = re.compile(r"[A-Z][A-Z0-9_]{2,49}")


class RetryLater(Exception):
    """Raised by a job's function: it cannot be done now; try again after so many seconds.

    Raises: TypeError, ValueError for seconds that are no number.
    """

    def __init__(self, seconds: float, message: str = "It is to be tried again later.") -> None:
        super().__init__(message)
        self.seconds = number("seconds", seconds)


class Fail(Exception):
    """Raised by a job's function: it has failed, for good unless it is `retryable`.

    Args:
        code: in capitals, such as IMAGE_BROKEN.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        if not CODE.fullmatch(code):
            raise ValueError(f"{code!r} is no code such as IMAGE_BROKEN")
        self.code = code
        self.retryable = bool(retryable)


@frozen
class Line:
    """A line for the log of a job."""

    level: Level
    message: str
    at: str


@define(eq=False)
class Job:
    """What is to be done.

    Attributes:
        id: `job_…`
        kind: what it is a job of.
        queue: where it was waiting.
        input: what the kind is to work on.
        attempt: which attempt this is, from 1.
        max_attempts: how many there can be.
        idempotency_token: the same in every attempt; send it along with effects outside.
        timeout_seconds: the longest that this attempt may take.
        deadline: what has not succeeded by then has failed.
        tags, metadata: as they were given.
        traceparent: the trace of the request that created it (W3C Trace Context).
        cancelled: set when the job is not this worker's any more; what the function returns then is
            thrown away. An asynchronous function is cancelled, a plain one should look:
            `if job.cancelled.is_set(): return`.
    """

    id: str
    kind: str
    queue: str
    input: dict[str, Any]
    attempt: int
    max_attempts: int
    idempotency_token: str
    timeout_seconds: int | None
    deadline: datetime | None
    tags: list[str]
    metadata: dict[str, str]
    traceparent: str | None
    cancelled: Event = field(factory=Event, repr=False)
    begun: bool = field(default=False, repr=False)
    lease_token: int = field(default=0, repr=False)
    lines: deque[Line] = field(factory=deque, repr=False)
    latest: dict[str, Any] | None = field(default=None, repr=False)
    written: int = field(default=0, repr=False)
    telling: Lock = field(factory=Lock, repr=False)

    def progress(self, percent: float, message: str | None = None) -> None:
        """Say how far the work is, from 0 to 100; it is sent soon, and the last word counts.

        Raises: TypeError, ValueError for a percentage that is no number, a message that is no text.
        """
        said: dict[str, Any] = {"percent": min(max(number("percent", percent), 0), 100)}
        if message:
            said["message"] = text("message", message)[:500]
        self.latest = said

    def log(self, message: str, level: Level = "info") -> None:
        """Write into the log of the job; it is sent soon, at the latest before the job ends.

        Raises: TypeError, ValueError for a message that is no text, or another level.
        """
        if level not in LEVELS:
            raise ValueError(f"level has to be one of {', '.join(LEVELS)}, not {level!r}")
        line = text("message", message)[:LONGEST_LINE]
        self.written += 1
        if self.written <= MOST_LINES:
            self.lines.append(Line(level, line, datetime.now(UTC).isoformat()))

    @property
    def lease(self) -> dict[str, Any]:
        """What proves the right to work on it."""
        return {"jobId": self.id, "leaseToken": self.lease_token}


def job_of(data: Mapping[str, Any]) -> Job:
    """A job as the service gave it."""
    deadline = data["deadline"]
    return Job(
        id=data["jobId"],
        kind=data["kind"],
        queue=data["queue"],
        input=data["input"],
        attempt=data["attempt"],
        max_attempts=data["maxAttempts"],
        idempotency_token=data["idempotencyToken"],
        timeout_seconds=data["timeoutSeconds"],
        deadline=datetime.fromisoformat(deadline) if deadline else None,
        tags=data["tags"],
        metadata=data["metadata"],
        traceparent=data["traceparent"],
        lease_token=data["leaseToken"],
    )


def failure_of(error: BaseException) -> dict[str, Any]:
    """What the service is told of an exception; one of another class may be tried again."""
    message = message_of(error)
    if isinstance(error, RetryLater):
        pause = {"retryAfterSeconds": min(max(error.seconds, 0), 604800)}
        return {"error": {"code": "RETRY_LATER", "message": message}, "retryable": True, **pause}
    if isinstance(error, Fail):
        return {"error": {"code": error.code, "message": message}, "retryable": error.retryable}
    return {"error": {"code": code_of(error), "message": message}, "retryable": True}


def message_of(error: BaseException) -> str:
    """What an exception says of itself; its name if that is nothing, or fails."""
    with suppress(Exception):
        if said := str(error):
            return clean(said)[:LONGEST_MESSAGE]
    return type(error).__name__


def code_of(error: BaseException) -> str:
    """`KeyError` → KEY_ERROR, so that a job can say after which there is no further attempt."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type(error).__name__)
    code = re.sub(r"[^A-Z0-9_]", "_", words.upper()).lstrip("_0123456789")[:50]
    return code if CODE.fullmatch(code) else "EXCEPTION"


def trace_of(error: BaseException) -> str:
    """The end of an exception's trace, as Python shows it, from the job's function on."""
    place = error.__traceback__
    while place is not None and place.tb_frame.f_globals.get("__package__") == __package__:
        place = place.tb_next
    return "".join(traceback.format_exception(type(error), error, place))[-LONGEST_LINE:]


def number(name: str, value: Any) -> float:
    """What can be sent as a number. Raises: TypeError, ValueError for NaN."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} has to be an int or a float, not {type(value).__name__}")
    if value != value:
        raise ValueError(f"{name} has to be a number, not NaN")
    return value


def text(name: str, value: Any) -> str:
    """What can be sent as a text. Raises: TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{name} has to be a str, not {type(value).__name__}")
    return clean(value)


def clean(text: str) -> str:
    """A text that the service takes: no NUL, no lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
