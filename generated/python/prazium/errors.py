"""One class for each error code of the contract."""

from ._failures import (
    APIError,
    ChecksumMismatch,
    ConnectionFailed,
    FieldErrors,
    MalformedAnswer,
    PraziumError,
    StateConflict,
    Timeout,
)

__all__ = (
    "APIError",
    "ChecksumMismatch",
    "ConnectionFailed",
    "MalformedAnswer",
    "PraziumError",
    "Timeout",
    "ValidationError",
    "UnauthorizedError",
    "ForbiddenError",
    "NotFoundError",
    "MethodNotAllowedError",
    "RequestTimeoutError",
    "ConflictError",
    "LeaseLostError",
    "IdempotencyInFlightError",
    "IdempotencyKeyReusedError",
    "GoneError",
    "PreconditionFailedError",
    "PayloadTooLargeError",
    "UriTooLongError",
    "HeadersTooLargeError",
    "UnsupportedMediaTypeError",
    "RateLimitedError",
    "InternalError",
    "ServiceUnavailableError",
)


class ValidationError(FieldErrors):
    """The request does not match the contract; `details` names every field."""


class UnauthorizedError(APIError):
    """There is no credential, or it is not valid."""


class ForbiddenError(APIError):
    """The key lacks the scope that the operation needs."""


class NotFoundError(APIError):
    """It does not exist, is archived, or belongs to someone else."""


class MethodNotAllowedError(APIError):
    """The service answered METHOD_NOT_ALLOWED."""


class RequestTimeoutError(APIError):
    """The request did not arrive in time; nothing was done."""


class ConflictError(StateConflict):
    """The present state forbids it; `details` names the state."""


class LeaseLostError(APIError):
    """The job belongs to another worker or to nobody, or has ended; stop, and record nothing."""


class IdempotencyInFlightError(APIError):
    """A request with the same Idempotency-Key is still at work; try again after `Retry-After`."""


class IdempotencyKeyReusedError(APIError):
    """The Idempotency-Key was used for another request to this operation within 24 hours."""


class GoneError(APIError):
    """It has expired."""


class PreconditionFailedError(APIError):
    """It has another ETag than the one in If-Match; nothing was changed."""


class PayloadTooLargeError(APIError):
    """It is larger than the limit."""


class UriTooLongError(APIError):
    """The address is longer than 16 KiB."""


class HeadersTooLargeError(APIError):
    """The service answered HEADERS_TOO_LARGE."""


class UnsupportedMediaTypeError(APIError):
    """The body must be application/json in UTF-8, not compressed."""


class RateLimitedError(APIError):
    """The key has as many streams and downloads open as it may; try again after `Retry-After`."""


class InternalError(APIError):
    """A fault of ours; it is logged under the request id."""


class ServiceUnavailableError(APIError):
    """The service cannot answer right now; try again after `Retry-After`."""


BY_CODE: dict[str, type[APIError]] = {
    "VALIDATION_ERROR": ValidationError,
    "UNAUTHORIZED": UnauthorizedError,
    "FORBIDDEN": ForbiddenError,
    "NOT_FOUND": NotFoundError,
    "METHOD_NOT_ALLOWED": MethodNotAllowedError,
    "REQUEST_TIMEOUT": RequestTimeoutError,
    "CONFLICT": ConflictError,
    "LEASE_LOST": LeaseLostError,
    "IDEMPOTENCY_IN_FLIGHT": IdempotencyInFlightError,
    "IDEMPOTENCY_KEY_REUSED": IdempotencyKeyReusedError,
    "GONE": GoneError,
    "PRECONDITION_FAILED": PreconditionFailedError,
    "PAYLOAD_TOO_LARGE": PayloadTooLargeError,
    "URI_TOO_LONG": UriTooLongError,
    "HEADERS_TOO_LARGE": HeadersTooLargeError,
    "UNSUPPORTED_MEDIA_TYPE": UnsupportedMediaTypeError,
    "RATE_LIMITED": RateLimitedError,
    "INTERNAL_ERROR": InternalError,
    "SERVICE_UNAVAILABLE": ServiceUnavailableError,
}
