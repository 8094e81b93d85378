from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_status import TaskStatus, check_task_status

T = TypeVar("T", bound="GraphTaskState")


@_attrs_define
class GraphTaskState:
    """A task of a graph, and where it stands.

    Attributes:
        id (str): A task's id. Example: task_01kb0r6sd3fznb5w0c4y8kt1qe.
        slug (str): Its name. Example: resize.
        status (TaskStatus): Where the task stands (see docs/state-machines.md). Example:
            running.
    """

    id: str
    slug: str
    status: TaskStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        slug = self.slug
        status: str = self.status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "slug": slug,
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
        slug = _fields.pop("slug")
        status = check_task_status(_fields.pop("status"))

        _model = cls(
            id=id,
            slug=slug,
            status=status,
        )
        _model.additional_properties = _fields
        return _model
