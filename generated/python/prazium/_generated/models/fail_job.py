from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job_error import JobError

T = TypeVar("T", bound="FailJob")


@_attrs_define
class FailJob:
    """Why the attempt failed, and whether another makes sense.

    Attributes:
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        error (JobError): Why an attempt failed.
        retryable (bool | Unset): Whether another attempt may succeed. Default: True. Example:
            True.
        retry_after_seconds (float | Unset): The pause before the next attempt; instead of that
            of the job's policy. Example: 30.
        cost_msat (int | Unset): What the attempt has cost, to be counted against the budget.
            Example: 1500.
    """

    lease_token: int
    error: JobError
    retryable: bool | Unset = True
    retry_after_seconds: float | Unset = UNSET
    cost_msat: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        lease_token = self.lease_token
        error = self.error.to_dict()
        retryable = self.retryable
        retry_after_seconds = self.retry_after_seconds
        cost_msat = self.cost_msat
        field_dict: dict[str, Any] = {
            "leaseToken": lease_token,
            "error": error,
        }
        if retryable is not UNSET:
            field_dict["retryable"] = retryable
        if retry_after_seconds is not UNSET:
            field_dict["retryAfterSeconds"] = retry_after_seconds
        if cost_msat is not UNSET:
            field_dict["costMsat"] = cost_msat
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_error import JobError

        _fields = dict(src_dict)
        lease_token = _fields.pop("leaseToken")
        error = JobError.from_dict(_fields.pop("error"))

        retryable = _fields.pop("retryable", UNSET)
        retry_after_seconds = _fields.pop("retryAfterSeconds", UNSET)
        cost_msat = _fields.pop("costMsat", UNSET)
        _model = cls(
            lease_token=lease_token,
            error=error,
            retryable=retryable,
            retry_after_seconds=retry_after_seconds,
            cost_msat=cost_msat,
        )
        return _model
