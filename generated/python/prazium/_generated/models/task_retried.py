from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="TaskRetried")


@_attrs_define
class TaskRetried:
    """A task failed and will be begun again.

    Attributes:
        attempt (int): The attempt that failed. Example: 1.
        error (Failure): Why a run, task, job or export failed.
        next_attempt_at (datetime.datetime | None): Not before this time. Example:
            2026-01-15T11:32:08Z.
    """

    attempt: int
    error: Failure
    next_attempt_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        attempt = self.attempt
        error = self.error.to_dict()
        next_attempt_at: None | str
        if isinstance(self.next_attempt_at, datetime.datetime):
            next_attempt_at = self.next_attempt_at.isoformat()
        else:
            next_attempt_at = self.next_attempt_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "attempt": attempt,
            "error": error,
            "nextAttemptAt": next_attempt_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.failure import Failure

        _fields = dict(src_dict)
        attempt = _fields.pop("attempt")
        error = Failure.from_dict(_fields.pop("error"))

        def _parse_next_attempt_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            next_attempt_at_type_0 = datetime.datetime.fromisoformat(data)

            return next_attempt_at_type_0

        next_attempt_at = _parse_next_attempt_at(_fields.pop("nextAttemptAt", None))

        _model = cls(
            attempt=attempt,
            error=error,
            next_attempt_at=next_attempt_at,
        )
        _model.additional_properties = _fields
        return _model
