"""What the fuzzer does to each request before it sends it (a hook module of Schemathesis)."""

import re
from typing import Any
from uuid import uuid4

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give each good Idempotency-Key to one request alone.

    The fuzzer sends the same few keys again and again, with other bodies: all but the first request
    would be refused, and nothing else of the operation be tried.
    """
    given = case.headers.get(KEY)
    if isinstance(given, str) and re.fullmatch("[!-~]{1,255}", given):
        case.headers[KEY] = str(uuid4())
