from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.file_encoding import FileEncoding, check_file_encoding
from ..models.file_type import FileType, check_file_type

T = TypeVar("T", bound="FileContent")


@_attrs_define
class FileContent:
    """A file at a ref.

    Attributes:
        path (str): The file. Example: src/app/page.tsx.
        ref (str): The branch; tag or commit that was asked for. Example: main.
        commit (str): A Git commit, as 40 hexadecimal digits. Example:
            4b825dc642cb6eb9a060e54bf8d69288fbee4904.
        type_ (FileType): What an entry is. Example: file.
        content (str): The content; or where a link points to. Example: export default function
            Home() {}.
        encoding (FileEncoding): How a content is written. Example: utf-8.
        size (int): The size in bytes. Example: 33.
    """

    path: str
    ref: str
    commit: str
    type_: FileType
    content: str
    encoding: FileEncoding
    size: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        path = self.path
        ref = self.ref
        commit = self.commit
        type_: str = self.type_
        content = self.content
        encoding: str = self.encoding
        size = self.size
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "path": path,
            "ref": ref,
            "commit": commit,
            "type": type_,
            "content": content,
            "encoding": encoding,
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
        ref = _fields.pop("ref")
        commit = _fields.pop("commit")
        type_ = check_file_type(_fields.pop("type"))

        content = _fields.pop("content")
        encoding = check_file_encoding(_fields.pop("encoding"))

        size = _fields.pop("size")
        _model = cls(
            path=path,
            ref=ref,
            commit=commit,
            type_=type_,
            content=content,
            encoding=encoding,
            size=size,
        )
        _model.additional_properties = _fields
        return _model
