from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SpecSummary")


@_attrs_define
class SpecSummary:
    """A version of the spec in a list.

    Attributes:
        version (int): Grows by one with each version. Example: 1.
        feedback (None | str): The remark that led to this version. Example: Add more detail
            about the notification system.
        created_at (datetime.datetime): When it was written. Example: 2026-01-15T10:45:00Z.
        approved_at (datetime.datetime | None): When it was approved. Example:
            2026-01-15T11:00:00Z.
    """

    version: int
    feedback: None | str
    created_at: datetime.datetime
    approved_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        version = self.version
        feedback: None | str
        feedback = self.feedback
        created_at = self.created_at.isoformat()
        approved_at: None | str
        if isinstance(self.approved_at, datetime.datetime):
            approved_at = self.approved_at.isoformat()
        else:
            approved_at = self.approved_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "version": version,
            "feedback": feedback,
            "createdAt": created_at,
            "approvedAt": approved_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        version = _fields.pop("version")
        feedback = cast("None | str", _fields.pop("feedback", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        def _parse_approved_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            approved_at_type_0 = datetime.datetime.fromisoformat(data)

            return approved_at_type_0

        approved_at = _parse_approved_at(_fields.pop("approvedAt", None))

        _model = cls(
            version=version,
            feedback=feedback,
            created_at=created_at,
            approved_at=approved_at,
        )
        _model.additional_properties = _fields
        return _model
