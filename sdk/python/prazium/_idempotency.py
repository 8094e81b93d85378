"""Keys that make it safe to send a request again."""

from typing import Any, TypeAlias
from uuid import uuid4

import httpx
from attrs import define, field

HEADER = "Idempotency-Key"
METHODS = ("post", "patch")


@define
class IdempotencyKey:
    """A key of your own for one call: with it, the same call acts once, however often it is made.

    Attributes:
        value: 1 to 255 visible ASCII characters; random if none are given.
        replayed: whether the service gave its first answer again; None before there is an answer.
    """

    value: str = field(factory=lambda: str(uuid4()))
    replayed: bool | None = field(default=None, init=False)


Key: TypeAlias = IdempotencyKey | str | None
"""A text is enough if `replayed` is of no interest; None is a random key for each call."""


def keyed(request: dict[str, Any], key: Key) -> dict[str, Any]:
    """The request with its key; only what changes something has one."""
    if request["method"] not in METHODS:
        return request
    given = key if isinstance(key, IdempotencyKey) else IdempotencyKey(key or str(uuid4()))
    return {**request, "headers": {**request.get("headers", {}), HEADER: given.value}}


def note(key: Key, response: httpx.Response) -> None:
    """Tell the caller whether this answer was given before."""
    if isinstance(key, IdempotencyKey):
        key.replayed = response.headers.get("Idempotency-Replayed") == "true"
