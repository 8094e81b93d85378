from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.lease_state import LeaseState, check_lease_state

T = TypeVar("T", bound="ExtendedLease")


@_attrs_define
class ExtendedLease:
    """One lease, and how it stands.

    Attributes:
        job_id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        state (LeaseState): How a lease stands: held, the job was cancelled, or it is lost to
            another worker or an end. Example: held.
        lease_until (datetime.datetime | None): Until when it is held now; null if it is not.
            Example: 2026-01-15T11:30:31Z.
    """

    job_id: str
    state: LeaseState
    lease_until: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        job_id = self.job_id
        state: str = self.state
        lease_until: None | str
        if isinstance(self.lease_until, datetime.datetime):
            lease_until = self.lease_until.isoformat()
        else:
            lease_until = self.lease_until
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "jobId": job_id,
            "state": state,
            "leaseUntil": lease_until,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        job_id = _fields.pop("jobId")
        state = check_lease_state(_fields.pop("state"))

        def _parse_lease_until(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            lease_until_type_0 = datetime.datetime.fromisoformat(data)

            return lease_until_type_0

        lease_until = _parse_lease_until(_fields.pop("leaseUntil", None))

        _model = cls(
            job_id=job_id,
            state=state,
            lease_until=lease_until,
        )
        _model.additional_properties = _fields
        return _model
