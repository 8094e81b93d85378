from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RunCreated")


@_attrs_define
class RunCreated:
    """A run was created.

    Attributes:
        kind (str): What kind of run: build, export or job. Example: build.
        job_kind (None | str): What is to be done: `http`, `agent`, `command`, or a kind that a
            worker registered.
        queue (None | str): A queue of the tenant.
        schedule_id (None | str): A schedule's id.
    """

    kind: str
    job_kind: None | str
    queue: None | str
    schedule_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        kind = self.kind
        job_kind: None | str
        job_kind = self.job_kind
        queue: None | str
        queue = self.queue
        schedule_id: None | str
        schedule_id = self.schedule_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "kind": kind,
            "jobKind": job_kind,
            "queue": queue,
            "scheduleId": schedule_id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        kind = _fields.pop("kind")
        job_kind = cast("None | str", _fields.pop("jobKind", None))

        queue = cast("None | str", _fields.pop("queue", None))

        schedule_id = cast("None | str", _fields.pop("scheduleId", None))

        _model = cls(
            kind=kind,
            job_kind=job_kind,
            queue=queue,
            schedule_id=schedule_id,
        )
        _model.additional_properties = _fields
        return _model
