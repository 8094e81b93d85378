"""What the fuzzer does to each request before it sends it (a hook module of Schemathesis)."""

import os
import re
from typing import Any
from uuid import uuid4

import schemathesis

from generated.models import EventType

KEY = "Idempotency-Key"
TAG = "If-Match"
PLACE = "Last-Event-ID"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give each good Idempotency-Key to one request alone, and let a good If-Match match.

    The fuzzer sends the same few keys again and again, with other bodies, and tags that nothing
    has: most requests would be refused for that, and nothing else of the operation be tried. And
    it takes the null of a list, say the schedule of a job that has none, for an id.
    """
    for name, value in (case.path_parameters or {}).items():
        if value is None:
            schema = case.operation.path_parameters.get(name).definition["schema"]
            case.path_parameters[name] = schema["example"]
    if is_good(case.headers.get(KEY), "[!-~]{1,255}"):
        case.headers[KEY] = str(uuid4())
    if is_good(case.headers.get(TAG), "[ -~]{1,4096}"):
        case.headers[TAG] = "*"
    if isinstance(case.body, dict) and case.body.get("waitSeconds") in range(31):
        case.body["waitSeconds"] = 0  # or each claim of what nobody queues takes half a minute
    if case.path == "/events/stream":
        let_begin(case)
    if case.path == "/events" and case.query and is_place(case.query.get("cursor")):
        case.query["cursor"] = os.environ["FUZZ_PLACE"]  # nobody guesses what is signed


def let_begin(case: Any) -> None:
    """Let the stream that has no end begin with events: a good request would wait for them."""
    if PLACE not in case.headers or is_place(case.headers[PLACE]):
        case.headers[PLACE] = os.environ["FUZZ_PLACE"]
    if case.query and case.query.get("type") in list(EventType):
        case.query["type"] = "RUN_CREATED"


def is_place(value: Any) -> bool:
    """Whether it has the form of a place in the feed."""
    return is_good(value, "[A-Za-z0-9_.-]{1,1000}")


def is_good(value: Any, pattern: str) -> bool:
    """Whether a header is there and has the form of the contract."""
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
