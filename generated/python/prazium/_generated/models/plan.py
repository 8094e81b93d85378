from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.task_definition import TaskDefinition

T = TypeVar("T", bound="Plan")


@_attrs_define
class Plan:
    """How the work is cut.

    Attributes:
        tasks (list[TaskDefinition]): The tasks as the agent defined them.
        merge_order (list[str]): Ids of definitions, in the order in which their branches are
            merged. Example: ['task-001'].
    """

    tasks: list[TaskDefinition]
    merge_order: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        merge_order = self.merge_order

        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "tasks": tasks,
            "mergeOrder": merge_order,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.task_definition import TaskDefinition

        _fields = dict(src_dict)
        tasks = []
        _tasks = _fields.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskDefinition.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        merge_order = cast(list[str], _fields.pop("mergeOrder"))

        _model = cls(
            tasks=tasks,
            merge_order=merge_order,
        )
        _model.additional_properties = _fields
        return _model
