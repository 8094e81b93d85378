from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.planned_task import PlannedTask

T = TypeVar("T", bound="GraphPlan")


@_attrs_define
class GraphPlan:
    """What would be done.

    Attributes:
        tasks (list[PlannedTask]): The tasks, level by level.
        levels (int): So many tasks follow each other at most. Example: 3.
        widest (int): The widths of the widest level together; unknown maps count as one, and so
            does a graph in the graph. More can be done at once, as tasks of different levels can.
            Example: 4.
    """

    tasks: list[PlannedTask]
    levels: int
    widest: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        levels = self.levels
        widest = self.widest
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "tasks": tasks,
            "levels": levels,
            "widest": widest,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.planned_task import PlannedTask

        _fields = dict(src_dict)
        tasks = []
        _tasks = _fields.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = PlannedTask.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        levels = _fields.pop("levels")
        widest = _fields.pop("widest")
        _model = cls(
            tasks=tasks,
            levels=levels,
            widest=widest,
        )
        _model.additional_properties = _fields
        return _model
