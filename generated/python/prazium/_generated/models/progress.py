from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Progress")


@_attrs_define
class Progress:
    """How far the work is, in the worker's words.

    Attributes:
        percent (float): How much is done. Example: 40.
        message (None | str): What is being done. Example: Resizing.
    """

    percent: float
    message: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        percent = self.percent
        message: None | str
        message = self.message
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "percent": percent,
            "message": message,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        percent = _fields.pop("percent")
        message = cast("None | str", _fields.pop("message", None))

        _model = cls(
            percent=percent,
            message=message,
        )
        _model.additional_properties = _fields
        return _model
