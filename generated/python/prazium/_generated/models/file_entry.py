from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.file_type import FileType, check_file_type

T = TypeVar("T", bound="FileEntry")


@_attrs_define
class FileEntry:
    """An entry of a folder.

    Attributes:
        name (str): Its name; cut at 1024 characters. Example: package.json.
        type_ (FileType): What an entry is. Example: file.
        size (int | None): The size of a file in bytes. Example: 1234.
    """

    name: str
    type_: FileType
    size: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        name = self.name
        type_: str = self.type_
        size: int | None
        size = self.size
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "name": name,
            "type": type_,
            "size": size,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        name = _fields.pop("name")
        type_ = check_file_type(_fields.pop("type"))

        size = cast("int | None", _fields.pop("size", None))

        _model = cls(
            name=name,
            type_=type_,
            size=size,
        )
        _model.additional_properties = _fields
        return _model
