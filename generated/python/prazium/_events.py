"""Events with typed payloads, from the log and from the stream."""

import json
from datetime import datetime
from typing import Any

from attrs import frozen

from . import models
from ._calls import reading
from ._generated.models.event import Event as EventInLog
from ._generated.models.event_type import check_event_type
from ._generated.models.tenant_event import TenantEvent as TenantEventInLog
from ._payloads import READERS, Payload
from ._sse import Frame


@frozen
class Event:
    """One thing that happened in a run.

    Attributes:
        seq: its number in the run, without gaps.
        event_type: what happened; a type that only a newer service knows is kept.
        task_id: the task that it is about; None for the run itself.
        payload: the model of the type (TASK_STARTED: TaskStarted), or a dict for an unknown type.
        id, created_at: of an event from the log; None in a stream.
    """

    seq: int
    event_type: models.EventType
    task_id: str | None
    payload: Payload
    id: str | None = None
    created_at: datetime | None = None

    @classmethod
    def in_log(cls, found: EventInLog) -> "Event":
        """The event of a list.

        Raises: MalformedAnswer if the payload is not that of its type.
        """
        payload = read_payload(found.event_type, found.payload.to_dict())
        return cls(found.seq, found.event_type, found.task_id, payload, found.id, found.created_at)

    @classmethod
    def in_stream(cls, frame: Frame) -> "Event":
        """The event of a frame, whose data is the payload with the task's id.

        Raises: MalformedAnswer if it is not.
        """
        with reading():
            payload = dict(json.loads(frame.data))
            seq = int(frame.id)
            event_type = check_event_type(frame.event)
        task_id = payload.pop("taskId", None)
        return cls(seq, event_type, task_id, read_payload(event_type, payload))


@frozen
class TenantEvent:
    """One thing that happened in the tenant: in a run, or to a queue, a schedule or a project.

    Attributes:
        cursor: what to go on from, in `feed.list` and in `feed.follow`.
        event_type: what happened; a type that only a newer service knows is kept.
        payload: the model of the type (QUEUE_PAUSED: QueuePaused), or a dict for an unknown type.
        run_id, seq: the run or the job, and the number in it; None for what is no run.
        project_id, task_id: None outside projects, and for what is about no task.
    """

    id: str
    cursor: str
    event_type: models.EventType
    payload: Payload
    run_id: str | None
    seq: int | None
    project_id: str | None
    task_id: str | None
    created_at: datetime

    @classmethod
    def in_log(cls, found: TenantEventInLog) -> "TenantEvent":
        """The event of a list.

        Raises: MalformedAnswer if the payload is not that of its type.
        """
        return cls(
            id=found.id,
            cursor=found.cursor,
            event_type=found.event_type,
            payload=read_payload(found.event_type, found.payload.to_dict()),
            run_id=found.run_id,
            seq=found.seq,
            project_id=found.project_id,
            task_id=found.task_id,
            created_at=found.created_at,
        )

    @classmethod
    def in_stream(cls, frame: Frame) -> "TenantEvent":
        """The event of a frame, whose data is all of it.

        Raises: MalformedAnswer if it is not.
        """
        with reading():
            found = TenantEventInLog.from_dict(json.loads(frame.data))
        return cls.in_log(found)


def read_payload(event_type: str, payload: dict[str, Any]) -> Payload:
    """The payload as the model of its type."""
    reader = READERS.get(event_type)
    if reader is None:
        return payload
    with reading():
        return reader(payload)
