from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskStarted")


@_attrs_define
class TaskStarted:
    """A worker began a task.

    Attributes:
        slug (str): The task's name. Example: ui-shell.
        attempt (int): The first, or again. Example: 1.
    """

    slug: str
    attempt: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        attempt = self.attempt
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "attempt": attempt,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        attempt = _fields.pop("attempt")
        _model = cls(
            slug=slug,
            attempt=attempt,
        )
        _model.additional_properties = _fields
        return _model
