from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="QuestionsAsked")


@_attrs_define
class QuestionsAsked:
    """Questions were generated.

    Attributes:
        count (int): How many. Example: 4.
    """

    count: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        count = self.count
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "count": count,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        count = _fields.pop("count")
        _model = cls(
            count=count,
        )
        _model.additional_properties = _fields
        return _model
