from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="BranchMerged")


@_attrs_define
class BranchMerged:
    """A task's branch was merged.

    Attributes:
        branch_name (str): The branch. Example: run-1/feat/task-001-ui-shell.
        commit_sha (str): A Git commit, as 40 hexadecimal digits. Example:
            4b825dc642cb6eb9a060e54bf8d69288fbee4904.
    """

    branch_name: str
    commit_sha: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        branch_name = self.branch_name
        commit_sha = self.commit_sha
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "branchName": branch_name,
            "commitSha": commit_sha,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        branch_name = _fields.pop("branchName")
        commit_sha = _fields.pop("commitSha")
        _model = cls(
            branch_name=branch_name,
            commit_sha=commit_sha,
        )
        _model.additional_properties = _fields
        return _model
