from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="QueueDeleted")


@_attrs_define
class QueueDeleted:
    """A queue is gone until something is sent to it.

    Attributes:
        queue (str): A queue of the tenant. Example: default.
    """

    queue: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        queue = self.queue
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "queue": queue,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        queue = _fields.pop("queue")
        _model = cls(
            queue=queue,
        )
        _model.additional_properties = _fields
        return _model
