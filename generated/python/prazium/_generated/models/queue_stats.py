from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="QueueStats")


@_attrs_define
class QueueStats:
    """Tasks that are ready.

    Attributes:
        pending (int): Those that wait for a worker or their time; 100000 stands for as many or
            more. Waits of graphs are not among them. Example: 12.
        processing (int): Those that a worker holds; 100000 stands for as many or more. Example:
            4.
    """

    pending: int
    processing: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        pending = self.pending
        processing = self.processing
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "pending": pending,
            "processing": processing,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        pending = _fields.pop("pending")
        processing = _fields.pop("processing")
        _model = cls(
            pending=pending,
            processing=processing,
        )
        _model.additional_properties = _fields
        return _model
