from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_status import JobStatus, check_job_status

if TYPE_CHECKING:
    from ..models.failure import Failure

T = TypeVar("T", bound="JobSummary")


@_attrs_define
class JobSummary:
    """A job in a list.

    Attributes:
        id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        queue (str): A queue of the tenant. Example: default.
        priority (int): Which of the waiting jobs of a tenant goes first; 9 before 0. Example:
            5.
        status (JobStatus): Where the job stands (see docs/state-machines.md). A job whose time
            is ahead is queued too. Example: queued.
        attempt (int): How often it was begun. Example: 1.
        tags (list[str]): Words to find jobs by. Example: ['customer:4711'].
        error (Failure | None): Why it failed or was begun again; null otherwise.
        schedule_id (None | str): The schedule that created it; null if none did. Example:
            sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        run_at (datetime.datetime | None): Not before this time; null if it could begin at once.
            Example: 2026-01-15T11:30:00Z.
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        started_at (datetime.datetime | None): When it was first begun. Example:
            2026-01-15T11:30:01Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:30:04Z.
    """

    id: str
    kind: str
    queue: str
    priority: int
    status: JobStatus
    attempt: int
    tags: list[str]
    error: Failure | None
    schedule_id: None | str
    run_at: datetime.datetime | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.failure import Failure

        id = self.id
        kind = self.kind
        queue = self.queue
        priority = self.priority
        status: str = self.status
        attempt = self.attempt
        tags = self.tags

        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        schedule_id: None | str
        schedule_id = self.schedule_id
        run_at: None | str
        if isinstance(self.run_at, datetime.datetime):
            run_at = self.run_at.isoformat()
        else:
            run_at = self.run_at
        created_at = self.created_at.isoformat()
        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at
        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "kind": kind,
            "queue": queue,
            "priority": priority,
            "status": status,
            "attempt": attempt,
            "tags": tags,
            "error": error,
            "scheduleId": schedule_id,
            "runAt": run_at,
            "createdAt": created_at,
            "startedAt": started_at,
            "completedAt": completed_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.failure import Failure

        _fields = dict(src_dict)
        id = _fields.pop("id")
        kind = _fields.pop("kind")
        queue = _fields.pop("queue")
        priority = _fields.pop("priority")
        status = check_job_status(_fields.pop("status"))

        attempt = _fields.pop("attempt")
        tags = cast(list[str], _fields.pop("tags"))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        schedule_id = cast("None | str", _fields.pop("scheduleId", None))

        def _parse_run_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            run_at_type_0 = datetime.datetime.fromisoformat(data)

            return run_at_type_0

        run_at = _parse_run_at(_fields.pop("runAt", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        def _parse_started_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            started_at_type_0 = datetime.datetime.fromisoformat(data)

            return started_at_type_0

        started_at = _parse_started_at(_fields.pop("startedAt", None))

        def _parse_completed_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            completed_at_type_0 = datetime.datetime.fromisoformat(data)

            return completed_at_type_0

        completed_at = _parse_completed_at(_fields.pop("completedAt", None))

        _model = cls(
            id=id,
            kind=kind,
            queue=queue,
            priority=priority,
            status=status,
            attempt=attempt,
            tags=tags,
            error=error,
            schedule_id=schedule_id,
            run_at=run_at,
            created_at=created_at,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model
