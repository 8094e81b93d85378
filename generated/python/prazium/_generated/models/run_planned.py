from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RunPlanned")


@_attrs_define
class RunPlanned:
    """The work was cut into tasks.

    Attributes:
        tasks (list[str]): The slugs of the tasks. Example: ['ui-shell'].
        merge_order (list[str]): The order in which their branches are merged. Example:
            ['task-001'].
    """

    tasks: list[str]
    merge_order: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        tasks = self.tasks

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
        _fields = dict(src_dict)
        tasks = cast(list[str], _fields.pop("tasks"))

        merge_order = cast(list[str], _fields.pop("mergeOrder"))

        _model = cls(
            tasks=tasks,
            merge_order=merge_order,
        )
        _model.additional_properties = _fields
        return _model
