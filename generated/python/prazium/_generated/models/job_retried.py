from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.outcome import Outcome, check_outcome

T = TypeVar("T", bound="JobRetried")


@_attrs_define
class JobRetried:
    """A job that had ended was queued again, with fresh attempts.

    Attributes:
        previous_status (Outcome): How a run or a task ended. Example: succeeded.
    """

    previous_status: Outcome
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        previous_status: str = self.previous_status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "previousStatus": previous_status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        previous_status = check_outcome(_fields.pop("previousStatus"))

        _model = cls(
            previous_status=previous_status,
        )
        _model.additional_properties = _fields
        return _model
