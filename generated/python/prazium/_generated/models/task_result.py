from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskResult")


@_attrs_define
class TaskResult:
    """What a task did.

    Attributes:
        files_created (list[str]): Files that are new.
        files_modified (list[str]): Files that changed.
        files_deleted (list[str]): Files that are gone.
        commit_sha (str): A Git commit, as 40 hexadecimal digits. Example:
            4b825dc642cb6eb9a060e54bf8d69288fbee4904.
    """

    files_created: list[str]
    files_modified: list[str]
    files_deleted: list[str]
    commit_sha: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        files_created = self.files_created

        files_modified = self.files_modified

        files_deleted = self.files_deleted

        commit_sha = self.commit_sha
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "filesCreated": files_created,
            "filesModified": files_modified,
            "filesDeleted": files_deleted,
            "commitSha": commit_sha,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        files_created = cast(list[str], _fields.pop("filesCreated"))

        files_modified = cast(list[str], _fields.pop("filesModified"))

        files_deleted = cast(list[str], _fields.pop("filesDeleted"))

        commit_sha = _fields.pop("commitSha")
        _model = cls(
            files_created=files_created,
            files_modified=files_modified,
            files_deleted=files_deleted,
            commit_sha=commit_sha,
        )
        _model.additional_properties = _fields
        return _model
