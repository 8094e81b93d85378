from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReleaseJob")


@_attrs_define
class ReleaseJob:
    """Which lease is handed back.

    Attributes:
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        delay_seconds (int | Unset): Not before so long from now. Default: 0. Example: 0.
        interrupted (bool | Unset): Whether work on it had begun, so that nobody knows how far
            it came. Default: False. Example: False.
    """

    lease_token: int
    delay_seconds: int | Unset = 0
    interrupted: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        lease_token = self.lease_token
        delay_seconds = self.delay_seconds
        interrupted = self.interrupted
        field_dict: dict[str, Any] = {
            "leaseToken": lease_token,
        }
        if delay_seconds is not UNSET:
            field_dict["delaySeconds"] = delay_seconds
        if interrupted is not UNSET:
            field_dict["interrupted"] = interrupted
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        lease_token = _fields.pop("leaseToken")
        delay_seconds = _fields.pop("delaySeconds", UNSET)
        interrupted = _fields.pop("interrupted", UNSET)
        _model = cls(
            lease_token=lease_token,
            delay_seconds=delay_seconds,
            interrupted=interrupted,
        )
        return _model
