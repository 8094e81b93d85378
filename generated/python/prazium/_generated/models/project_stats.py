from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProjectStats")


@_attrs_define
class ProjectStats:
    """Projects that are not archived.

    Attributes:
        total (int): All. Example: 150.
        active (int): Those that are being specified or built. Example: 45.
    """

    total: int
    active: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        total = self.total
        active = self.active
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "total": total,
            "active": active,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        total = _fields.pop("total")
        active = _fields.pop("active")
        _model = cls(
            total=total,
            active=active,
        )
        _model.additional_properties = _fields
        return _model
