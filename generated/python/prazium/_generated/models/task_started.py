from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskStarted")


@_attrs_define
class TaskStarted:
    """A worker began a task.

    Attributes:
        slug (str): The task's name. Example: ui-shell.
        attempt (int): The first, or again. Example: 1.
        worker_id (None | str): A worker's id.
    """

    slug: str
    attempt: int
    worker_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        attempt = self.attempt
        worker_id: None | str
        worker_id = self.worker_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "attempt": attempt,
            "workerId": worker_id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        attempt = _fields.pop("attempt")
        worker_id = cast("None | str", _fields.pop("workerId", None))

        _model = cls(
            slug=slug,
            attempt=attempt,
            worker_id=worker_id,
        )
        _model.additional_properties = _fields
        return _model
