from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.error import Error

T = TypeVar("T", bound="ErrorBody")


@_attrs_define
class ErrorBody:
    """The body of every failure.

    Attributes:
        success (bool):
        error (Error): A failure, for people and for programs.
    """

    success: bool
    error: Error
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        success = self.success
        error = self.error.to_dict()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "success": success,
            "error": error,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.error import Error

        _fields = dict(src_dict)
        success = _fields.pop("success")
        error = Error.from_dict(_fields.pop("error"))

        _model = cls(
            success=success,
            error=error,
        )
        _model.additional_properties = _fields
        return _model
