from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_status import TaskStatus, check_task_status

T = TypeVar("T", bound="TaskState")


@_attrs_define
class TaskState:
    """A task in its run.

    Attributes:
        id (str): A task's id. Example: task_01kb0r6sd3fznb5w0c4y8kt1qe.
        slug (str): Its name, unique in the run. Example: ui-shell.
        status (TaskStatus): Where the task stands (see docs/state-machines.md). Example:
            running.
        sequence (int): Its place in the plan. Example: 1.
    """

    id: str
    slug: str
    status: TaskStatus
    sequence: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        slug = self.slug
        status: str = self.status
        sequence = self.sequence
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "slug": slug,
            "status": status,
            "sequence": sequence,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        id = _fields.pop("id")
        slug = _fields.pop("slug")
        status = check_task_status(_fields.pop("status"))

        sequence = _fields.pop("sequence")
        _model = cls(
            id=id,
            slug=slug,
            status=status,
            sequence=sequence,
        )
        _model.additional_properties = _fields
        return _model
