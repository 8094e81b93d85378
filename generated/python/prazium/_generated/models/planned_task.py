from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.planned_task_action import PlannedTaskAction, check_planned_task_action

T = TypeVar("T", bound="PlannedTask")


@_attrs_define
class PlannedTask:
    """A task of a plan.

    Attributes:
        slug (str): A task's name in its graph. Example: resize.
        level (int): How many tasks come before it at least. Example: 1.
        width (int | None): Of a map, how many of its items can be done at once; null while
            nobody knows. Example: 1.
        action (PlannedTaskAction): What becomes of it if all before it end as it wants.
            Example: run.
    """

    slug: str
    level: int
    width: int | None
    action: PlannedTaskAction
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        level = self.level
        width: int | None
        width = self.width
        action: str = self.action
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "level": level,
            "width": width,
            "action": action,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        level = _fields.pop("level")
        width = cast("int | None", _fields.pop("width", None))

        action = check_planned_task_action(_fields.pop("action"))

        _model = cls(
            slug=slug,
            level=level,
            width=width,
            action=action,
        )
        _model.additional_properties = _fields
        return _model
