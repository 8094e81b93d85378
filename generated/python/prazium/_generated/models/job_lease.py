from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="JobLease")


@_attrs_define
class JobLease:
    """The right to work on a job.

    Attributes:
        job_id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
    """

    job_id: str
    lease_token: int

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        job_id = self.job_id
        lease_token = self.lease_token
        field_dict: dict[str, Any] = {
            "jobId": job_id,
            "leaseToken": lease_token,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        job_id = _fields.pop("jobId")
        lease_token = _fields.pop("leaseToken")
        _model = cls(
            job_id=job_id,
            lease_token=lease_token,
        )
        return _model
