from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReportProgress")


@_attrs_define
class ReportProgress:
    """How far the work is.

    Attributes:
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        percent (float): How much is done. Example: 40.
        message (str | Unset): What is being done. Example: Resizing.
    """

    lease_token: int
    percent: float
    message: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        lease_token = self.lease_token
        percent = self.percent
        message = self.message
        field_dict: dict[str, Any] = {
            "leaseToken": lease_token,
            "percent": percent,
        }
        if message is not UNSET:
            field_dict["message"] = message
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        lease_token = _fields.pop("leaseToken")
        percent = _fields.pop("percent")
        message = _fields.pop("message", UNSET)
        _model = cls(
            lease_token=lease_token,
            percent=percent,
            message=message,
        )
        return _model
