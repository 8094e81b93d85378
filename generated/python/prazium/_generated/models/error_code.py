from typing import Literal, cast

ErrorCode = Literal[
    "CONFLICT",
    "FORBIDDEN",
    "GONE",
    "HEADERS_TOO_LARGE",
    "IDEMPOTENCY_IN_FLIGHT",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL_ERROR",
    "LEASE_LOST",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "PAYLOAD_TOO_LARGE",
    "PRECONDITION_FAILED",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
    "SERVICE_UNAVAILABLE",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "URI_TOO_LONG",
    "VALIDATION_ERROR",
]


def check_error_code(value: object) -> ErrorCode:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(ErrorCode, value)
