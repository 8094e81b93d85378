from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.completed_job import CompletedJob

T = TypeVar("T", bound="CompletedJobs")


@_attrs_define
class CompletedJobs:
    """What became of many completions, in the order of the request.

    Attributes:
        items (list[CompletedJob]): What became of each.
    """

    items: list[CompletedJob]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "items": items,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.completed_job import CompletedJob

        _fields = dict(src_dict)
        items = []
        _items = _fields.pop("items")
        for items_item_data in _items:
            items_item = CompletedJob.from_dict(items_item_data)

            items.append(items_item)

        _model = cls(
            items=items,
        )
        _model.additional_properties = _fields
        return _model
