from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="QueueCounts")


@_attrs_define
class QueueCounts:
    """How many jobs of a queue stand where. Counting ends at 10000, in a list of queues at 1000;
    that number means so many or more.

    Attributes:
        ready (int): Could begin now, if the queue is not paused and its limits allow it.
            Example: 12.
        delayed (int): Wait for their time. Example: 3.
        running (int): Are worked on. Example: 4.
        parked (int): Wait for a place under their concurrency key. Example: 0.
        failed (int): Have failed and wait for someone to look. Example: 1.
    """

    ready: int
    delayed: int
    running: int
    parked: int
    failed: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        ready = self.ready
        delayed = self.delayed
        running = self.running
        parked = self.parked
        failed = self.failed
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "ready": ready,
            "delayed": delayed,
            "running": running,
            "parked": parked,
            "failed": failed,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        ready = _fields.pop("ready")
        delayed = _fields.pop("delayed")
        running = _fields.pop("running")
        parked = _fields.pop("parked")
        failed = _fields.pop("failed")
        _model = cls(
            ready=ready,
            delayed=delayed,
            running=running,
            parked=parked,
            failed=failed,
        )
        _model.additional_properties = _fields
        return _model
