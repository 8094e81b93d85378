from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ApprovedSpec")


@_attrs_define
class ApprovedSpec:
    """Which version was approved, and when.

    Attributes:
        version (int): The approved version. Example: 1.
        approved_at (datetime.datetime): When it was approved. Example: 2026-01-15T11:00:00Z.
    """

    version: int
    approved_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        version = self.version
        approved_at = self.approved_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "version": version,
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
        approved_at = datetime.datetime.fromisoformat(_fields.pop("approvedAt"))

        _model = cls(
            version=version,
            approved_at=approved_at,
        )
        _model.additional_properties = _fields
        return _model
