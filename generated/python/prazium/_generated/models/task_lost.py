from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TaskLost")


@_attrs_define
class TaskLost:
    """The worker of an attempt was not heard of any more. The attempt counts, and it is not known
    how far it came; another follows, or the failure of the task.

    Attributes:
        attempt (int): The attempt that was lost. Example: 1.
        worker_id (str): A worker's id. Example: wrk_01kb0rg5t7kvy1a3wn6s9r2x8z.
    """

    attempt: int
    worker_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        attempt = self.attempt
        worker_id = self.worker_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
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
        attempt = _fields.pop("attempt")
        worker_id = _fields.pop("workerId")
        _model = cls(
            attempt=attempt,
            worker_id=worker_id,
        )
        _model.additional_properties = _fields
        return _model
