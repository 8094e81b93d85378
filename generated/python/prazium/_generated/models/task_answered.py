from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskAnswered")


@_attrs_define
class TaskAnswered:
    """Someone answered a task that waited for it.

    Attributes:
        slug (str): The task's name. Example: approve.
        by (str): Who, by the id of the key. Example: key_01kb0r5v8wf5qtx1c9ht2kq6mz.
    """

    slug: str
    by: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        by = self.by
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "by": by,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        by = _fields.pop("by")
        _model = cls(
            slug=slug,
            by=by,
        )
        _model.additional_properties = _fields
        return _model
