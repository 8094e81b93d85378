from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.job_status import JobStatus, check_job_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="JobFilter")


@_attrs_define
class JobFilter:
    """Which jobs; all of what is given must fit, and something must be given.

    Attributes:
        job_ids (list[str] | Unset): Any of these. Example: ['job_01kb0rd2y5hqv7w9sk3p6n8r4t'].
        status (JobStatus | Unset): Where the job stands (see docs/state-machines.md). A job
            whose time is ahead is queued too. Example: queued.
        queue (str | Unset): A queue of the tenant. Example: default.
        kind (str | Unset): What is to be done: `http`, `agent`, `command`, or a kind that a
            worker registered. Example: thumbnail.make.
        tag (str | Unset): A word to find jobs by. Example: customer:4711.
        schedule_id (str | Unset): A schedule's id. Example: sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        created_after (datetime.datetime | Unset): Created at this time or later. Example:
            2026-01-15T00:00:00Z.
        created_before (datetime.datetime | Unset): Created before this time. Example:
            2026-01-16T00:00:00Z.
    """

    job_ids: list[str] | Unset = UNSET
    status: JobStatus | Unset = UNSET
    queue: str | Unset = UNSET
    kind: str | Unset = UNSET
    tag: str | Unset = UNSET
    schedule_id: str | Unset = UNSET
    created_after: datetime.datetime | Unset = UNSET
    created_before: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        job_ids: list[str] | Unset = UNSET
        if not isinstance(self.job_ids, Unset):
            job_ids = self.job_ids

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        queue = self.queue
        kind = self.kind
        tag = self.tag
        schedule_id = self.schedule_id
        created_after: str | Unset = UNSET
        if not isinstance(self.created_after, Unset):
            created_after = self.created_after.isoformat()
        created_before: str | Unset = UNSET
        if not isinstance(self.created_before, Unset):
            created_before = self.created_before.isoformat()
        field_dict: dict[str, Any] = {}
        if job_ids is not UNSET:
            field_dict["jobIds"] = job_ids
        if status is not UNSET:
            field_dict["status"] = status
        if queue is not UNSET:
            field_dict["queue"] = queue
        if kind is not UNSET:
            field_dict["kind"] = kind
        if tag is not UNSET:
            field_dict["tag"] = tag
        if schedule_id is not UNSET:
            field_dict["scheduleId"] = schedule_id
        if created_after is not UNSET:
            field_dict["createdAfter"] = created_after
        if created_before is not UNSET:
            field_dict["createdBefore"] = created_before
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        _fields = dict(src_dict)
        job_ids = cast(list[str], _fields.pop("jobIds", UNSET))

        _status = _fields.pop("status", UNSET)
        status: JobStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_job_status(_status)

        queue = _fields.pop("queue", UNSET)
        kind = _fields.pop("kind", UNSET)
        tag = _fields.pop("tag", UNSET)
        schedule_id = _fields.pop("scheduleId", UNSET)
        _created_after = _fields.pop("createdAfter", UNSET)
        created_after: datetime.datetime | Unset
        if isinstance(_created_after, Unset):
            created_after = UNSET
        else:
            created_after = datetime.datetime.fromisoformat(_created_after)

        _created_before = _fields.pop("createdBefore", UNSET)
        created_before: datetime.datetime | Unset
        if isinstance(_created_before, Unset):
            created_before = UNSET
        else:
            created_before = datetime.datetime.fromisoformat(_created_before)

        _model = cls(
            job_ids=job_ids,
            status=status,
            queue=queue,
            kind=kind,
            tag=tag,
            schedule_id=schedule_id,
            created_after=created_after,
            created_before=created_before,
        )
        return _model
