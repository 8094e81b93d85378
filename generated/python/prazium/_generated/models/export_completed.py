from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExportCompleted")


@_attrs_define
class ExportCompleted:
    """An export can be downloaded.

    Attributes:
        export_id (str): An export's id. Example: exp_01kb0rb1x4gs8v6rj2n5d9m3pt.
        size_bytes (int): The archive's size. Example: 5242880.
    """

    export_id: str
    size_bytes: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        export_id = self.export_id
        size_bytes = self.size_bytes
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "exportId": export_id,
            "sizeBytes": size_bytes,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        export_id = _fields.pop("exportId")
        size_bytes = _fields.pop("sizeBytes")
        _model = cls(
            export_id=export_id,
            size_bytes=size_bytes,
        )
        _model.additional_properties = _fields
        return _model
