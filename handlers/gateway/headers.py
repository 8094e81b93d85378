"""Headers that answers carry beside what they say: for browsers, and for callers of what ends.

Transport security (HSTS) is not among them: RFC 6797 forbids it over plain HTTP, which is what this
server speaks. The proxy that ends TLS adds it.
"""

import functools
from datetime import UTC, datetime
from email.utils import format_datetime

from services.schemas import Json

Headers = tuple[tuple[bytes, bytes], ...]

UNLESS_GIVEN = frozenset({b"cache-control", b"content-security-policy"})
DEFAULTS: Headers = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def secure(headers: list[tuple[bytes, bytes]]) -> None:
    """Add what every answer carries; its own Cache-Control and policy stay."""
    given = [name for name, _ in headers if name in UNLESS_GIVEN]
    headers.extend([pair for pair in DEFAULTS if pair[0] not in given] if given else DEFAULTS)


@functools.lru_cache(maxsize=64)
def as_lines(headers: Headers) -> bytes:
    """Headers as they stand on the wire, each with its line break; most are as they were."""
    return b"".join([b"%s: %s\r\n" % pair for pair in headers])


def of_deprecated(operation: Json) -> Headers:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594); nothing if the operation is not deprecated.

    Raises: KeyError or ValueError if a date is missing or impossible.
    """
    if not operation.get("deprecated"):
        return ()
    since, until = day(operation["x-deprecated"]), day(operation["x-sunset"])
    if until <= since:
        raise ValueError("x-sunset must be later than x-deprecated")
    return (
        (b"deprecation", b"@%d" % since.timestamp()),
        (b"sunset", format_datetime(until, usegmt=True).encode()),
    )


def day(text: str) -> datetime:
    """The beginning of a day in UTC.

    Raises: ValueError.
    """
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
