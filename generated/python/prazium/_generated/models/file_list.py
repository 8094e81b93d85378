from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.file_entry import FileEntry

T = TypeVar("T", bound="FileList")


@_attrs_define
class FileList:
    """A folder at a ref.

    Attributes:
        ref (str): The branch; tag or commit that was asked for. Example: main.
        commit (None | str): A Git commit, as 40 hexadecimal digits.
        path (str): The folder. Example: /.
        entries (list[FileEntry]): Folders first; then files by name.
    """

    ref: str
    commit: None | str
    path: str
    entries: list[FileEntry]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        ref = self.ref
        commit: None | str
        commit = self.commit
        path = self.path
        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "ref": ref,
            "commit": commit,
            "path": path,
            "entries": entries,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.file_entry import FileEntry

        _fields = dict(src_dict)
        ref = _fields.pop("ref")
        commit = cast("None | str", _fields.pop("commit", None))

        path = _fields.pop("path")
        entries = []
        _entries = _fields.pop("entries")
        for entries_item_data in _entries:
            entries_item = FileEntry.from_dict(entries_item_data)

            entries.append(entries_item)

        _model = cls(
            ref=ref,
            commit=commit,
            path=path,
            entries=entries,
        )
        _model.additional_properties = _fields
        return _model
