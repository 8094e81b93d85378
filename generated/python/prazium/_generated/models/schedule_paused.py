from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SchedulePaused")


@_attrs_define
class SchedulePaused:
    """A schedule creates no jobs until it is resumed.

    Attributes:
        schedule_id (str): A schedule's id. Example: sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
    """

    schedule_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        schedule_id = self.schedule_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "scheduleId": schedule_id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        schedule_id = _fields.pop("scheduleId")
        _model = cls(
            schedule_id=schedule_id,
        )
        _model.additional_properties = _fields
        return _model
