from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_status import JobStatus, check_job_status

T = TypeVar("T", bound="JobState")


@_attrs_define
class JobState:
    """A job's id and state.

    Attributes:
        id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        status (JobStatus): Where the job stands (see docs/state-machines.md). A job whose time
            is ahead is queued too. Example: queued.
    """

    id: str
    status: JobStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        status: str = self.status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "status": status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        status = check_job_status(_fields.pop("status"))

        _model = cls(
            id=id,
            status=status,
        )
        _model.additional_properties = _fields
        return _model
