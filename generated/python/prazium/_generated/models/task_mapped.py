from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskMapped")


@_attrs_define
class TaskMapped:
    """A map began; each item of its list is a task now.

    Attributes:
        slug (str): The map's name. Example: resize.
        items (int): How many. Example: 250.
    """

    slug: str
    items: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        items = self.items
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "items": items,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        items = _fields.pop("items")
        _model = cls(
            slug=slug,
            items=items,
        )
        _model.additional_properties = _fields
        return _model
