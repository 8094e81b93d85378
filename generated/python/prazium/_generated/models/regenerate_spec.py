from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RegenerateSpec")


@_attrs_define
class RegenerateSpec:
    """What should be different in the next version.

    Attributes:
        feedback (str | Unset): A remark on the present version. Example: Add more detail about
            the notification system.
    """

    feedback: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        feedback = self.feedback
        field_dict: dict[str, Any] = {}
        if feedback is not UNSET:
            field_dict["feedback"] = feedback
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        feedback = _fields.pop("feedback", UNSET)
        _model = cls(
            feedback=feedback,
        )
        return _model
