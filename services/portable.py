"""What a function that may run anywhere is told, and how it says that it cannot do it.

Such a function has plain values only, so that it can run in the worker, in a process of its own, or
on another machine. This module imports nothing of the product, as each such process imports it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a job: its kind, its input as JSON, and which attempt it is.

    `token` is the same at every attempt: what is done outside under it is done once.
    """

    kind: str
    input: Any
    token: str
    number: int = 1


Function = Callable[[Attempt], Awaitable[Any]]
"""What it returns must be JSON; see docs/executors.md."""


class CannotDo(Exception):
    """The job cannot be done; the customer sees code and message.

    If it is `retryable` there may be another attempt, after `retry_after_s` seconds at least.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after_s = retry_after_s
