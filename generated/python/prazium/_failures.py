"""The roots of the error classes; `prazium.errors` adds one for each code of the contract."""

from typing import Any

from ._generated.models import FieldError


class PraziumError(Exception):
    """Everything that this package raises about the service."""


class ConnectionFailed(PraziumError, ConnectionError):
    """The service could not be reached, or the connection broke before the answer was complete."""


class Timeout(PraziumError, TimeoutError):
    """The service, or what was waited for, took longer than allowed."""


class MalformedAnswer(PraziumError):
    """The answer is not what the contract says."""


class ChecksumMismatch(PraziumError):
    """The downloaded archive is not the one that was packed; nothing was written."""


class APIError(PraziumError):
    """The service answered with a failure.

    Attributes:
        status: the HTTP status.
        code: the contract's error code; None if the answer did not come from the service itself.
        message: one sentence for people.
        details: what the code adds to it, as it came.
        request_id: names the request in the service's logs.
    """

    def __init__(
        self,
        status: int,
        code: str | None,
        message: str,
        details: Any = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.request_id = request_id

    def __str__(self) -> str:
        request = f", request {self.request_id}" if self.request_id else ""
        return f"{self.message} ({self.code or 'HTTP'} {self.status}{request})"


class FieldErrors(APIError):
    """A failure that names the fields that are wrong.

    Attributes:
        fields: what is wrong with which field.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        found = self.details if isinstance(self.details, list) else []
        self.fields = [
            FieldError.from_dict(entry)
            for entry in found
            if isinstance(entry, dict) and {"field", "message"} <= entry.keys()
        ]


class StateConflict(APIError):
    """A failure that names the state in the way.

    Attributes:
        current_state: the state that it is in.
        allowed_states: the states in which the request is possible.
        blocked_by: the id of what is in the way.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        details = self.details if isinstance(self.details, dict) else {}
        self.current_state: str | None = details.get("currentState")
        self.allowed_states: list[str] = details.get("allowedStates", [])
        self.blocked_by: str | None = details.get("id")
