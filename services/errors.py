"""Every domain error, in one tree.

    PraziumError                      500 INTERNAL_ERROR
    ├── ValidationFailed              400 VALIDATION_ERROR   details: the fields
    ├── Unauthorized                  401 UNAUTHORIZED
    ├── Forbidden                     403 FORBIDDEN
    ├── NotFound                      404 NOT_FOUND
    ├── MethodNotAllowed              405 METHOD_NOT_ALLOWED
    ├── TooSlow                       408 REQUEST_TIMEOUT
    ├── Conflict                      409 CONFLICT
    │   ├── WrongState                                       details: the state
    │   ├── DedupeKeyTaken                                   details: the job that has it
    │   ├── DeadlinePassed
    │   ├── GraphHasJob                                      details: the graph
    │   ├── RunIsLive
    │   ├── NameTaken
    │   ├── ScheduleNameTaken
    │   ├── TooManyKinds
    │   ├── TooManyLanes
    │   ├── TooManyQueues
    │   ├── TooManySchedules
    │   └── ChangedMeanwhile
    ├── StaleLease                    409 LEASE_LOST
    ├── KeyInFlight                   409 IDEMPOTENCY_IN_FLIGHT
    ├── Gone                          410 GONE
    ├── PreconditionFailed            412 PRECONDITION_FAILED
    ├── PayloadTooLarge               413 PAYLOAD_TOO_LARGE
    ├── AddressTooLong                414 URI_TOO_LONG
    ├── UnsupportedMediaType          415 UNSUPPORTED_MEDIA_TYPE
    ├── KeyReused                     422 IDEMPOTENCY_KEY_REUSED
    ├── RateLimited                   429 RATE_LIMITED
    │   └── TooManyStreams
    ├── HeadersTooLarge               431 HEADERS_TOO_LARGE
    └── Unavailable                   503 SERVICE_UNAVAILABLE
        ├── DatabaseAway
        ├── Overloaded
        └── StorageUnavailable

The message is the docstring unless one is given; it and `details` are public.
"""

from typing import ClassVar

from generated.models import ErrorCode, FieldError, StateConflict

Details = list[FieldError] | StateConflict


class PraziumError(Exception):
    """Something went wrong on our side."""

    code: ClassVar[ErrorCode] = ErrorCode.internal_error
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, *, details: Details | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.details = details


class ValidationFailed(PraziumError):
    """The request does not match the contract."""

    code = ErrorCode.validation_error
    status = 400


class Unauthorized(PraziumError):
    """Send a valid API key as Authorization: Bearer."""

    code = ErrorCode.unauthorized
    status = 401


class Forbidden(PraziumError):
    """The key lacks the scope that this needs."""

    code = ErrorCode.forbidden
    status = 403


class NotFound(PraziumError):
    """There is no such thing here."""

    code = ErrorCode.not_found
    status = 404


class MethodNotAllowed(PraziumError):
    """This method is not possible here."""

    code = ErrorCode.method_not_allowed
    status = 405


class TooSlow(PraziumError):
    """The request did not arrive in time."""

    code = ErrorCode.request_timeout
    status = 408


class Conflict(PraziumError):
    """The present state forbids this."""

    code = ErrorCode.conflict
    status = 409


class WrongState(Conflict):
    """It is not in a state in which this is possible."""

    def __init__(self, noun: str, current: str, allowed: list[str]) -> None:
        self.current = current
        needs = " or ".join(allowed)
        self.state = StateConflict(current_state=current, allowed_states=list(allowed))
        super().__init__(f"The {noun} is {current}; this needs {needs}.", details=self.state)

    def name(self, culprit: str) -> None:
        """Say what is in the way, by its id."""
        self.state.id = culprit


class DedupeKeyTaken(Conflict):
    """Another live job has the dedupe key of this one; wait for its end, or cancel it."""

    def __init__(self, current: str, rival_id: str) -> None:
        super().__init__(details=StateConflict(current_state=current, id=rival_id))


class DeadlinePassed(Conflict):
    """The deadline of this job has passed; create a new one."""


class GraphHasJob(Conflict):
    """This job is a task of a graph; retry the task if the graph is live, or rerun the graph."""

    def __init__(self, current: str, graph_id: str) -> None:
        super().__init__(details=StateConflict(current_state=current, id=graph_id))


class QueueInUse(Conflict):
    """Jobs of this queue wait or run; cancel them, or wait for their end."""


class RunIsLive(Conflict):
    """A run of this project is live; cancel it or wait for its end."""


class NameTaken(Conflict):
    """Another project has this name already."""


class ScheduleNameTaken(Conflict):
    """Another schedule has this name already."""


class TooManyKinds(Conflict):
    """There are 1,000 kinds of jobs already; delete one that is not needed."""


class TooManyLanes(Conflict):
    """There are 2,000 combinations of queue, kind and priority; delete a queue nobody needs."""


class TooManyQueues(Conflict):
    """There are 1,000 queues already; delete one that is not needed."""


class TooManySchedules(Conflict):
    """There are 1,000 schedules already; delete one that is not needed."""


class ChangedMeanwhile(Conflict):
    """Someone else changed this at the same moment; look again and repeat."""


class StaleLease(PraziumError):
    """This lease is lost; stop working on the job."""

    code = ErrorCode.lease_lost
    status = 409


class KeyInFlight(PraziumError):
    """A request with this Idempotency-Key is still at work; try again in a moment."""

    code = ErrorCode.idempotency_in_flight
    status = 409


class Gone(PraziumError):
    """This has expired."""

    code = ErrorCode.gone
    status = 410


class PreconditionFailed(PraziumError):
    """Someone has changed this; read it again."""

    code = ErrorCode.precondition_failed
    status = 412


class PayloadTooLarge(PraziumError):
    """This is larger than the limit."""

    code = ErrorCode.payload_too_large
    status = 413


class AddressTooLong(PraziumError):
    """The address of the request is longer than the limit."""

    code = ErrorCode.uri_too_long
    status = 414


class HeadersTooLarge(PraziumError):
    """The headers of the request are more or larger than the limit."""

    code = ErrorCode.headers_too_large
    status = 431


class UnsupportedMediaType(PraziumError):
    """Send the body as application/json in UTF-8, not compressed."""

    code = ErrorCode.unsupported_media_type
    status = 415


class KeyReused(PraziumError):
    """This Idempotency-Key belongs to another request; use a new one."""

    code = ErrorCode.idempotency_key_reused
    status = 422


class RateLimited(PraziumError):
    """Too many requests."""

    code = ErrorCode.rate_limited
    status = 429


class TooManyStreams(RateLimited):
    """This key has as many streams and downloads open as it may; end one, or try again later."""


class Unavailable(PraziumError):
    """The service cannot answer right now; try again in a moment."""

    code = ErrorCode.service_unavailable
    status = 503


class DatabaseAway(Unavailable):
    """The database cannot be reached right now."""


class Overloaded(Unavailable):
    """More requests are being answered than this process can take; try again in a moment."""


class StorageUnavailable(Unavailable):
    """The data folder cannot be read or written."""


CONSTRAINTS: dict[str, type[PraziumError]] = {
    "lane_count_check": TooManyLanes,
    "project_name_key": NameTaken,
    "queue_count_check": TooManyQueues,
    "run_live_key": RunIsLive,
    "run_number_key": ChangedMeanwhile,
    "schedule_name_key": ScheduleNameTaken,
    "spec_pkey": ChangedMeanwhile,
}


def invalid(field: str, message: str) -> ValidationFailed:
    """A validation error of one field, by its JSON pointer."""
    return invalid_fields([FieldError(field_=field, message=message)])


def invalid_fields(found: list[FieldError]) -> ValidationFailed:
    """A validation error of at most 20 fields, with the first in the message."""
    first = found[0]
    message = f"{first.field_ or 'The body'}: {first.message.rstrip('.')}."
    return ValidationFailed(message[:1000], details=found[:20])
