"""What comes of a job's function, whatever that is: a result in JSON, or what it raised.

An exception is handed on as a value: raised through the event loop, SystemExit would end the worker
with all its jobs, and StopIteration would never arrive.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ._worker_calls import encoded
from ._worker_job import Fail, Job

Outcome = bytes | BaseException

MOST_BYTES = 4_190_000
"""What is left of the 4 MiB of a request; the service hangs up on one that is much longer."""


def outcome_of(function: Callable[[Job], Any], job: Job) -> Outcome:
    """What comes of a plain function."""
    try:
        begin(job)
        return in_json(function(job))
    except BaseException as error:
        return error


async def awaited_outcome(function: Callable[[Job], Awaitable[Any]], job: Job) -> Outcome:
    """What comes of an asynchronous function."""
    try:
        begin(job)
        return in_json(await function(job))
    except BaseException as error:
        return error


def begin(job: Job) -> None:
    """Note that the function is called. Whoever hands the job back cancels it, then looks at that.

    So a thread that comes late either is told of, or calls nothing any more.

    Raises: CancelledError if nobody waits for the job.
    """
    job.begun = True
    if job.cancelled.is_set():
        raise asyncio.CancelledError


async def outcome_in(calling: "asyncio.Task[Outcome]") -> Outcome:
    """What comes of a call, also of one that was cancelled or failed before the function began."""
    try:
        return await calling
    except (asyncio.CancelledError, Exception) as error:
        return error


def in_json(result: Any) -> bytes:
    """A result as it is sent. Raises: Fail if it is no JSON, or more than a request can hold."""
    try:
        sent = encoded(result)
    except (TypeError, ValueError) as error:
        raise Fail("RESULT_NOT_JSON", f"The result is no JSON: {error}") from error
    if len(sent) > MOST_BYTES:
        raise Fail(
            "RESULT_TOO_LARGE", f"The result has {len(sent)} bytes; {MOST_BYTES} are possible."
        )
    return sent
