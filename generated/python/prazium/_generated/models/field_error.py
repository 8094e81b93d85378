from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FieldError")


@_attrs_define
class FieldError:
    """One thing that is wrong with one field.

    Attributes:
        field (str): JSON pointer to the field, in the body or by the parameter's name. Example:
            /name.
        message (str): What is wrong, for people. Example: must not be empty.
    """

    field: str
    message: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        field = self.field
        message = self.message
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "field": field,
            "message": message,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        field = _fields.pop("field")
        message = _fields.pop("message")
        _model = cls(
            field=field,
            message=message,
        )
        _model.additional_properties = _fields
        return _model
