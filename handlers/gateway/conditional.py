"""Conditional requests (RFC 9110, section 13).

An answer that the client has is not sent again; what someone else has changed is not overwritten.
"""

from collections.abc import Callable

from starlette.types import Scope

from handlers.gateway.request import Request
from handlers.gateway.respond import Reply, encode, ok
from services.cache import etag_of
from services.errors import PreconditionFailed, invalid_fields
from services.idempotency import Answer
from services.schemas import field_error

NOT_MODIFIED = 304
PRECONDITIONS = frozenset({"If-Match", "If-None-Match"})
REVALIDATE = "private, no-cache"
"""A client may keep the answer for itself, and asks each time whether it still is the right one."""


def key_of(scope: Scope) -> str:
    """What tells one read of a tenant from another: the path and the query as they came.

    Not decoded, as `a%2Fb` is one segment and `a/b` are two, of another operation and scope.
    """
    raw: bytes = scope["raw_path"] + b"?" + scope["query_string"]
    return raw.decode("latin-1")


def wants_fresh(request: Request) -> bool:
    """Whether the client refuses kept answers (RFC 9111, section 5.2.1.4)."""
    return b"no-cache" in request.headers.get(b"cache-control", b"").lower()


def answer(content: bytes, etag: str, request: Request) -> Answer:
    """The answer with its tag; 304 if the client has it."""
    headers = {"etag": etag, "cache-control": REVALIDATE}
    if is_known(request.headers.get(b"if-none-match"), etag.encode()):
        return Answer(NOT_MODIFIED, headers, b"")
    return Answer(200, headers, content)


def unheeded(method: str, taken: set[str]) -> tuple[str, ...]:
    """The preconditions that an operation cannot heed, of which the headers `taken` are known."""
    return () if method == "GET" else tuple(sorted(PRECONDITIONS - taken))


def refuse(names: tuple[str, ...], request: Request) -> None:
    """Do nothing under a condition that nobody would hold (RFC 9110, section 13.2.1).

    Raises: ValidationFailed.
    """
    for name in names:
        if name.lower().encode() in request.headers:
            raise invalid_fields([field_error(f"/{name}", "is not taken here")])


def is_known(if_none_match: bytes | None, etag: bytes) -> bool:
    """Whether the client has this answer: `*`, or its tag among those given, weak or strong."""
    if if_none_match is None:
        return False
    if if_none_match == etag or if_none_match.strip() == b"*":
        return True
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return etag in tags


def tagged(reply: Reply) -> Reply:
    """The reply with the tag that a read would have."""
    return Reply(reply.status, reply.body, reply.headers | {"etag": etag_of(encode(reply.body))})


def unless_changed(if_match: str | None) -> Callable[[object], None] | None:
    """A check for the service that is about to change something, of its present state.

    The check raises PreconditionFailed unless the state has one of the tags, strongly compared; `*`
    is any state, but that there is one.
    """
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return lambda data: None
    tags = {tag.strip() for tag in if_match.split(",")}

    def check(data: object) -> None:
        if etag_of(encode(ok(data).body)) not in tags:
            raise PreconditionFailed()

    return check
