from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FileModified")


@_attrs_define
class FileModified:
    """A task changed a file.

    Attributes:
        path (str): The file. Example: src/app/layout.tsx.
        size (int): Its size in bytes. Example: 1234.
    """

    path: str
    size: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        path = self.path
        size = self.size
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "path": path,
            "size": size,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        path = _fields.pop("path")
        size = _fields.pop("size")
        _model = cls(
            path=path,
            size=size,
        )
        _model.additional_properties = _fields
        return _model
