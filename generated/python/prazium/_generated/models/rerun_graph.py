from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RerunGraph")


@_attrs_define
class RerunGraph:
    """Where to begin again.

    Attributes:
        from_task (str | Unset): A task's name in its graph. Example: resize.
    """

    from_task: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from_task = self.from_task
        field_dict: dict[str, Any] = {}
        if from_task is not UNSET:
            field_dict["fromTask"] = from_task
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        from_task = _fields.pop("fromTask", UNSET)
        _model = cls(
            from_task=from_task,
        )
        return _model
