from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.created_item import CreatedItem

T = TypeVar("T", bound="CreatedJobs")


@_attrs_define
class CreatedJobs:
    """What became of jobs that were to be created together.

    Attributes:
        created (int): New jobs. Example: 1.
        deduplicated (int): Jobs that had been there before. Example: 0.
        refused (int): Jobs that cannot be created. Example: 0.
        items (list[CreatedItem]): What became of each, in the order of the request.
    """

    created: int
    deduplicated: int
    refused: int
    items: list[CreatedItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        created = self.created
        deduplicated = self.deduplicated
        refused = self.refused
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "created": created,
            "deduplicated": deduplicated,
            "refused": refused,
            "items": items,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.created_item import CreatedItem

        _fields = dict(src_dict)
        created = _fields.pop("created")
        deduplicated = _fields.pop("deduplicated")
        refused = _fields.pop("refused")
        items = []
        _items = _fields.pop("items")
        for items_item_data in _items:
            items_item = CreatedItem.from_dict(items_item_data)

            items.append(items_item)

        _model = cls(
            created=created,
            deduplicated=deduplicated,
            refused=refused,
            items=items,
        )
        _model.additional_properties = _fields
        return _model
