from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.project_status import ProjectStatus, check_project_status

T = TypeVar("T", bound="ProjectState")


@_attrs_define
class ProjectState:
    """A project's id and state.

    Attributes:
        id (str): A project's id. Example: proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        status (ProjectStatus): Where the project stands (see docs/state-machines.md). Example:
            draft.
    """

    id: str
    status: ProjectStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        status: str = self.status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "status": status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        status = check_project_status(_fields.pop("status"))

        _model = cls(
            id=id,
            status=status,
        )
        _model.additional_properties = _fields
        return _model
