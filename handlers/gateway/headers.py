"""Headers that answers carry beside what they say: for browsers, and for callers of what ends.

Transport security (HSTS) is not among them: RFC 6797 forbids it over plain HTTP, which is what this
server speaks. The proxy that ends TLS adds it.
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from handlers.gateway.schemas import Json

Headers = tuple[tuple[bytes, bytes], ...]

ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
UNLESS_GIVEN: Headers = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def secure(headers: list[tuple[bytes, bytes]]) -> None:
    """Add what every answer carries; a policy of its own stays."""
    names = {name for name, _ in headers}
    headers.extend([pair for pair in UNLESS_GIVEN if pair[0] not in names])
    headers.extend(ALWAYS)


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
