"""Failures, and when to try again."""

import random
from collections.abc import Awaitable, Callable

from db.pool import Transaction
from generated.models import Failure

BASE_S = 1.0
CAP_S = 60.0

Record = Callable[[Transaction], Awaitable[None]]


class TaskFailed(Exception):
    """A task cannot be done; the message and the files are shown to the customer.

    `retry_after_s` is how long to wait at least before another attempt; `record` writes evidence
    in the transaction that records the failure.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        files: list[str] | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
        record: Record | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(code=code, message=message[:4000])
        if files:
            self.failure.files = files[:1000]
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.record = record


def backoff(attempt: int) -> float:
    """Seconds to wait after a failed attempt: doubling, capped, with full jitter.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.
    """
    return random.uniform(0, min(CAP_S, BASE_S * 2 ** (attempt - 1)))
