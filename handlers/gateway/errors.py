"""One table from every failure to the contract's error body."""

import asyncio
import http
from collections.abc import Mapping
from email.utils import formatdate

import msgspec
import structlog
from connexion.exceptions import ProblemException
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from generated.models import Error, FieldError
from handlers.gateway.respond import Reply, encoded, lines_of
from services import errors, tracing
from services.context import new_id
from services.redaction import without_secrets

log = structlog.get_logger()

RETRY_AFTER_S = "1"
BY_STATUS: Mapping[int, type[errors.PraziumError]] = {
    400: errors.ValidationFailed,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    503: errors.Unavailable,
}
FROM_FRAMEWORK = {
    404: "There is nothing at this path.",
    405: "This method is not possible here; see Allow.",
}


def domain_error(error: BaseException) -> errors.PraziumError:
    """The domain error that an exception stands for; what is unknown is a fault of ours."""
    if isinstance(error, errors.PraziumError):
        return error
    if isinstance(error, asyncio.CancelledError):
        return errors.Unavailable("The process ended before the answer was ready.")
    status = 500
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, ProblemException):
        status = error.status
    return BY_STATUS.get(status, errors.PraziumError)(FROM_FRAMEWORK.get(status))


def reply(error: BaseException, request_id: str) -> Reply:
    """The answer to a failure; a fault of ours is logged with its trace."""
    known = domain_error(error)
    if known.status == 500:
        log.error("request.crashed", request_id=request_id, exc_info=error)
    body = Error(
        code=known.code,
        message=without_secrets(str(known))[:1000],
        request_id=request_id,
        details=msgspec.UNSET if known.details is None else shown(known.details),
    )
    headers = headers_of(known) | dict(getattr(error, "headers", None) or {})
    return Reply(known.status, {"success": False, "error": body}, headers)


def shown(details: errors.Details) -> errors.Details:
    """The details, without a secret that stood where the name of a field belongs."""
    if not isinstance(details, list):
        return details
    return [
        FieldError(field_=without_secrets(found.field_), message=without_secrets(found.message))
        for found in details
    ]


def headers_of(error: errors.PraziumError) -> dict[str, str]:
    """What a client needs beside the body."""
    if isinstance(error, errors.KeyInFlight):
        return {"retry-after": RETRY_AFTER_S}
    match error.status:
        case http.HTTPStatus.UNAUTHORIZED:
            return {"www-authenticate": 'Bearer realm="prazium"'}
        case http.HTTPStatus.TOO_MANY_REQUESTS | http.HTTPStatus.SERVICE_UNAVAILABLE:
            return {"retry-after": RETRY_AFTER_S}
    return {}


def refusal(error: errors.PraziumError, method: str) -> bytes:
    """A whole answer that closes the connection, in the contract's body; logged as one line.

    `method` is empty where the request was refused before it was known.
    """
    request_id, trace = new_id("req"), tracing.begun()
    log.info(
        "request",
        request_id=request_id,
        trace_id=trace.trace_id,
        method=method or None,
        status=error.status,
        refused=type(error).__name__,
    )
    answer = encoded(reply(error, request_id))
    lines = lines_of(answer, request_id, trace)
    date = formatdate(usegmt=True).encode()
    body = b"" if method == "HEAD" else answer.body
    start = STATUS_LINE[error.status]
    return b"%bdate: %b\r\nconnection: close\r\n%b\r\n%b" % (start, date, lines, body)
