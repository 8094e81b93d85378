"""Failures, and when to try again."""

import random
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from db.pool import Transaction
from generated.models import Failure

BASE_S = 1.0
CAP_S = 60.0
MOST_S = 365 * 86_400.0

Record = Callable[[Transaction], Awaitable[None]]


class TaskFailed(Exception):
    """A task cannot be done; the message and the files are shown to the customer.

    `retry_after_s` is how long to wait at least before another attempt, as others have asked for;
    `pause_s` is how long to wait, whatever the task's policy says: its own worker knows. `record`
    writes evidence in the transaction that records the failure.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        files: list[str] | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
        pause_s: float | None = None,
        record: Record | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(code=code, message=message[:4000])
        if files:
            self.failure.files = files[:1000]
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.pause_s = pause_s
        self.record = record


class RetryPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How long to wait before the next attempt, and after which failures there is none."""

    backoff: Literal["exponential", "linear", "constant"] = "exponential"
    base_s: float | None = None
    cap_s: float | None = None
    jitter: bool = True
    non_retryable: list[str] = []


class TaskOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the engine is to treat a task.

    `replay` says what follows an attempt of which nobody knows how far it came: another one (safe),
    or a failure, for good (never) or for someone to decide about (ask). `timeout_s` is of a task of
    a graph; that of a solo run is in its row.
    """

    retry: RetryPolicy = RetryPolicy()
    replay: Literal["safe", "never", "ask"] = "safe"
    timeout_s: float | None = None


def backoff(attempt: int, policy: RetryPolicy) -> float:
    """Seconds to wait after a failed attempt: growing, capped, with full jitter.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.
    """
    base = BASE_S if policy.base_s is None else policy.base_s
    cap = CAP_S if policy.cap_s is None else policy.cap_s
    growth = {"exponential": 2.0 ** min(attempt - 1, 60), "linear": attempt, "constant": 1}
    most = min(cap, base * growth[policy.backoff], MOST_S)
    return random.uniform(0, most) if policy.jitter else most


def pause(error: TaskFailed, attempt: int, max_attempts: int, policy: RetryPolicy) -> float | None:
    """Seconds until the next attempt; None if there is none."""
    final = not error.retryable or error.failure.code in policy.non_retryable
    if final or attempt >= max_attempts:
        return None
    if error.pause_s is not None:
        return min(error.pause_s, MOST_S)
    return min(max(backoff(attempt, policy), error.retry_after_s or 0.0), MOST_S)


def refusal(
    attempt: int, max_attempts: int, interrupted: bool, options: TaskOptions
) -> TaskFailed | None:
    """Why a task that was just begun must not be worked on, if so."""
    if interrupted and options.replay != "safe":
        code = "REPLAY_REFUSED" if options.replay == "never" else "REPLAY_UNDECIDED"
        return TaskFailed(code, "Its worker was lost or stopped; how far it came is not known.")
    if attempt > max_attempts:
        return TaskFailed(
            "WORKER_LOST", f"Workers were lost in all of its attempts ({max_attempts})."
        )
    return None
