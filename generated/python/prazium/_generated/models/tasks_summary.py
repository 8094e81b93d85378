from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TasksSummary")


@_attrs_define
class TasksSummary:
    """How many tasks there are, and how they stand.

    Attributes:
        total (int): All tasks. Example: 6.
        succeeded (int): Tasks that succeeded. Example: 6.
        failed (int): Tasks that failed. Example: 0.
    """

    total: int
    succeeded: int
    failed: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        total = self.total
        succeeded = self.succeeded
        failed = self.failed
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "total": total,
            "succeeded": succeeded,
            "failed": failed,
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
        _model = cls(
            total=total,
            succeeded=succeeded,
            failed=failed,
        )
        _model.additional_properties = _fields
        return _model
