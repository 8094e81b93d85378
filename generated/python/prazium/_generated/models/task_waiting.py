from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.wait_reason import WaitReason, check_wait_reason

T = TypeVar("T", bound="TaskWaiting")


@_attrs_define
class TaskWaiting:
    """A task waits, and no worker is at it.

    Attributes:
        slug (str): The task's name. Example: approve.
        reason (WaitReason): What a task waits for: a time, a signal, an answer, or another run.
            Example: answer.
        name (None | str): The name of the signal, if it waits for one. Example: paid.
        until (datetime.datetime | None): When it stops waiting, if it does. Example:
            2026-01-16T12:00:00Z.
        run_id (None | str): The run that it waits for, a job or a graph. Example:
            job_01kb0rd2y5hqv7w9sk3p6n8r4t.
    """

    slug: str
    reason: WaitReason
    name: None | str
    until: datetime.datetime | None
    run_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        slug = self.slug
        reason: str = self.reason
        name: None | str
        name = self.name
        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until
        run_id: None | str
        run_id = self.run_id
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "slug": slug,
            "reason": reason,
            "name": name,
            "until": until,
            "runId": run_id,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        slug = _fields.pop("slug")
        reason = check_wait_reason(_fields.pop("reason"))

        name = cast("None | str", _fields.pop("name", None))

        def _parse_until(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            until_type_0 = datetime.datetime.fromisoformat(data)

            return until_type_0

        until = _parse_until(_fields.pop("until", None))

        run_id = cast("None | str", _fields.pop("runId", None))

        _model = cls(
            slug=slug,
            reason=reason,
            name=name,
            until=until,
            run_id=run_id,
        )
        _model.additional_properties = _fields
        return _model
