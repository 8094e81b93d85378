from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProjectUpdated")


@_attrs_define
class ProjectUpdated:
    """A project's name or description changed.

    Attributes:
        fields (list[str]): What changed. Example: ['name'].
    """

    fields: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        fields = self.fields

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "fields": fields,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        fields = cast(list[str], _fields.pop("fields"))

        _model = cls(
            fields=fields,
        )
        _model.additional_properties = _fields
        return _model
