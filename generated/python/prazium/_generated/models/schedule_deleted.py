from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ScheduleDeleted")


@_attrs_define
class ScheduleDeleted:
    """A schedule was deleted.

    Attributes:
        schedule_id (str): A schedule's id. Example: sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        name (str): The schedule's name, unique in the tenant. Example: Nightly report.
    """

    schedule_id: str
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        schedule_id = self.schedule_id
        name = self.name
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "scheduleId": schedule_id,
            "name": name,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        schedule_id = _fields.pop("scheduleId")
        name = _fields.pop("name")
        _model = cls(
            schedule_id=schedule_id,
            name=name,
        )
        _model.additional_properties = _fields
        return _model
