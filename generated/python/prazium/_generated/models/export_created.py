from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportCreated")


@_attrs_define
class ExportCreated:
    """An export was asked for.

    Attributes:
        export_id (str): An export's id. Example: exp_01kb0rb1x4gs8v6rj2n5d9m3pt.
        format_ (str): The archive's format. Example: zip.
    """

    export_id: str
    format_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        export_id = self.export_id
        format_ = self.format_
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "exportId": export_id,
            "format": format_,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        export_id = _fields.pop("exportId")
        format_ = _fields.pop("format")
        _model = cls(
            export_id=export_id,
            format_=format_,
        )
        _model.additional_properties = _fields
        return _model
