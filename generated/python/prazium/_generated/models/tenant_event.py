from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_type import EventType, check_event_type

if TYPE_CHECKING:
    from ..models.tenant_event_payload import TenantEventPayload

T = TypeVar("T", bound="TenantEvent")


@_attrs_define
class TenantEvent:
    """One thing that happened in a tenant.

    Attributes:
        id (str): An event's id. Example: evt_01kb0r6tf7h2m9k4d1v3x8q5rn.
        cursor (str): A place among all events of the tenant behind which nothing is missed:
            what to go on from, in the list and in the stream. Example:
            NDAxMi5ldnRfMDFrYjByNnRmN2gybTlrNGQxdjN4OHE1cm4.9Jx0v2c3bQ.
        project_id (None | str): The project that it belongs to; null outside projects. Example:
            proj_01kb0r5v8wf5qtx1c9ht2kq6mz.
        run_id (None | str): The run; a job is a run with one task. Null for what is no run: a
            queue, a schedule, a project itself. Example: run_01kb0r6sc2e6ha4z8m3x7jv9wd.
        seq (int | None): Its number in the run, without gaps; null outside runs. Example: 12.
        task_id (None | str): The task that it is about; null for the run itself. Example:
            task_01kb0r6sd3fznb5w0c4y8kt1qe.
        event_type (EventType): What happened. The payload of EVENT_TYPE is the schema
            EventType. There may be more one day; skip an unknown one. Example: FILE_CREATED.
        payload (TenantEventPayload): What the type says; its schema has the name of the type.
            Example: {'path': 'src/app/layout.tsx', 'size': 1234}.
        request_id (None | str): The request that brought it about; its lines in the log have
            this id.
        trace_id (None | str): The trace of the request that brought it about (W3C Trace
            Context).
        created_at (datetime.datetime): When it happened. Example: 2026-01-15T11:32:00Z.
    """

    id: str
    cursor: str
    project_id: None | str
    run_id: None | str
    seq: int | None
    task_id: None | str
    event_type: EventType
    payload: TenantEventPayload
    request_id: None | str
    trace_id: None | str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        id = self.id
        cursor = self.cursor
        project_id: None | str
        project_id = self.project_id
        run_id: None | str
        run_id = self.run_id
        seq: int | None
        seq = self.seq
        task_id: None | str
        task_id = self.task_id
        event_type: str = self.event_type
        payload = self.payload.to_dict()
        request_id: None | str
        request_id = self.request_id
        trace_id: None | str
        trace_id = self.trace_id
        created_at = self.created_at.isoformat()
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": id,
            "cursor": cursor,
            "projectId": project_id,
            "runId": run_id,
            "seq": seq,
            "taskId": task_id,
            "eventType": event_type,
            "payload": payload,
            "requestId": request_id,
            "traceId": trace_id,
            "createdAt": created_at,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.tenant_event_payload import TenantEventPayload

        _fields = dict(src_dict)
        id = _fields.pop("id")
        cursor = _fields.pop("cursor")
        project_id = cast("None | str", _fields.pop("projectId", None))

        run_id = cast("None | str", _fields.pop("runId", None))

        seq = cast("int | None", _fields.pop("seq", None))

        task_id = cast("None | str", _fields.pop("taskId", None))

        event_type = check_event_type(_fields.pop("eventType"))

        payload = TenantEventPayload.from_dict(_fields.pop("payload"))

        request_id = cast("None | str", _fields.pop("requestId", None))

        trace_id = cast("None | str", _fields.pop("traceId", None))

        created_at = datetime.datetime.fromisoformat(_fields.pop("createdAt"))

        _model = cls(
            id=id,
            cursor=cursor,
            project_id=project_id,
            run_id=run_id,
            seq=seq,
            task_id=task_id,
            event_type=event_type,
            payload=payload,
            request_id=request_id,
            trace_id=trace_id,
            created_at=created_at,
        )
        _model.additional_properties = _fields
        return _model
