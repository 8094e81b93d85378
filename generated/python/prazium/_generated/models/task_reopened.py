from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_outcome import TaskOutcome, check_task_outcome

T = TypeVar("T", bound="TaskReopened")


@_attrs_define
class TaskReopened:
    """A task that had ended is to be done again, or one that it had kept from running may run
    again.

    Attributes:
        slug (str): The task's name. Example: resize.
        previous_status (TaskOutcome): How a task ended. One that could never run any more was
            skipped. Example: succeeded.
    """

    slug: str
    previous_status: TaskOutcome
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        previous_status: str = self.previous_status
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "previousStatus": previous_status,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        previous_status = check_task_outcome(_fields.pop("previousStatus"))

        _model = cls(
            slug=slug,
            previous_status=previous_status,
        )
        _model.additional_properties = _fields
        return _model
