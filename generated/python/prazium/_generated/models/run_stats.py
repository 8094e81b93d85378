from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RunStats")


@_attrs_define
class RunStats:
    """Builds.

    Attributes:
        total (int): All. Example: 500.
        succeeded (int): Those that succeeded. Example: 450.
        failed (int): Those that failed. Example: 45.
        in_progress (int): Those that are live. Example: 5.
    """

    total: int
    succeeded: int
    failed: int
    in_progress: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        total = self.total
        succeeded = self.succeeded
        failed = self.failed
        in_progress = self.in_progress
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "total": total,
            "succeeded": succeeded,
            "failed": failed,
            "inProgress": in_progress,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        total = _fields.pop("total")
        succeeded = _fields.pop("succeeded")
        failed = _fields.pop("failed")
        in_progress = _fields.pop("inProgress")
        _model = cls(
            total=total,
            succeeded=succeeded,
            failed=failed,
            in_progress=in_progress,
        )
        _model.additional_properties = _fields
        return _model
