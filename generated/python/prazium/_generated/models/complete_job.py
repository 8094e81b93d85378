from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CompleteJob")


@_attrs_define
class CompleteJob:
    """What came of the job.

    Attributes:
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        result (Any | Unset): What came of a job; any JSON. Example: {'width': 200, 'height':
            150}.
        cost_msat (int | Unset): What the attempt has cost, to be counted against the budget.
            Example: 1500.
    """

    lease_token: int
    result: Any | Unset = UNSET
    cost_msat: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        lease_token = self.lease_token
        result = self.result
        cost_msat = self.cost_msat
        field_dict: dict[str, Any] = {
            "leaseToken": lease_token,
        }
        if result is not UNSET:
            field_dict["result"] = result
        if cost_msat is not UNSET:
            field_dict["costMsat"] = cost_msat
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        lease_token = _fields.pop("leaseToken")
        result = _fields.pop("result", UNSET)
        cost_msat = _fields.pop("costMsat", UNSET)
        _model = cls(
            lease_token=lease_token,
            result=result,
            cost_msat=cost_msat,
        )
        return _model
