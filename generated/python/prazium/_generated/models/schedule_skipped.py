from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.skip_reason import SkipReason, check_skip_reason

T = TypeVar("T", bound="ScheduleSkipped")


@_attrs_define
class ScheduleSkipped:
    """A time of a schedule came, and no job was created for it and those that had passed before.

    Attributes:
        schedule_id (str): A schedule's id. Example: sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        scheduled_for (datetime.datetime): The first time without a job. Example:
            2026-01-15T11:30:00Z.
        reason (SkipReason): Why a time has no job: the last job had not ended (overlap), it
            passed while nothing could run (late), or its kind does not take the input any more
            (invalid). Example: overlap.
    """

    schedule_id: str
    scheduled_for: datetime.datetime
    reason: SkipReason
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        schedule_id = self.schedule_id
        scheduled_for = self.scheduled_for.isoformat()
        reason: str = self.reason
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "scheduleId": schedule_id,
            "scheduledFor": scheduled_for,
            "reason": reason,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        schedule_id = _fields.pop("scheduleId")
        scheduled_for = datetime.datetime.fromisoformat(_fields.pop("scheduledFor"))

        reason = check_skip_reason(_fields.pop("reason"))

        _model = cls(
            schedule_id=schedule_id,
            scheduled_for=scheduled_for,
            reason=reason,
        )
        _model.additional_properties = _fields
        return _model
