from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job_lease import JobLease

T = TypeVar("T", bound="ExtendLeases")


@_attrs_define
class ExtendLeases:
    """What a worker is at.

    Attributes:
        worker_id (str): A worker's id. Example: wrk_01kb0rg5t7kvy1a3wn6s9r2x8z.
        leases (list[JobLease]): Its leases.
        lease_seconds (int | Unset): How long the lease is without a heartbeat. Example: 30.
    """

    worker_id: str
    leases: list[JobLease]
    lease_seconds: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        worker_id = self.worker_id
        leases = []
        for leases_item_data in self.leases:
            leases_item = leases_item_data.to_dict()
            leases.append(leases_item)

        lease_seconds = self.lease_seconds
        field_dict: dict[str, Any] = {
            "workerId": worker_id,
            "leases": leases,
        }
        if lease_seconds is not UNSET:
            field_dict["leaseSeconds"] = lease_seconds
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_lease import JobLease

        _fields = dict(src_dict)
        worker_id = _fields.pop("workerId")
        leases = []
        _leases = _fields.pop("leases")
        for leases_item_data in _leases:
            leases_item = JobLease.from_dict(leases_item_data)

            leases.append(leases_item)

        lease_seconds = _fields.pop("leaseSeconds", UNSET)
        _model = cls(
            worker_id=worker_id,
            leases=leases,
            lease_seconds=lease_seconds,
        )
        return _model
