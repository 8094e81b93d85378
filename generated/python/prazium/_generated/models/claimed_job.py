from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_input import JobInput
    from ..models.metadata import Metadata

T = TypeVar("T", bound="ClaimedJob")


@_attrs_define
class ClaimedJob:
    """A job to be done, under a lease.

    Attributes:
        job_id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        lease_token (int): Proves the right to work on a job; it grows with every claim.
            Example: 1.
        lease_until (datetime.datetime): Until when it is the worker's without a heartbeat.
            Example: 2026-01-15T11:30:31Z.
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        queue (str): A queue of the tenant. Example: default.
        input_ (JobInput): What the kind is to work on; any JSON object that matches the schema
            of the kind. Example: {'url': 'https://example.com/cat.png', 'width': 200}.
        attempt (int): The first, or again. Example: 1.
        max_attempts (int): Attempts in all. Example: 3.
        idempotency_token (str): The same in every attempt: send it along with effects outside,
            so that they are made once. Example: task_01kb0rd2y6jrw8x0tm4q7p9s5v.
        timeout_seconds (int | None): The longest that this attempt may take. Example: 300.
        deadline (datetime.datetime | None): What has not succeeded by then has failed. Example:
            2036-01-15T12:00:00Z.
        tags (list[str]): Words to find jobs by. Example: ['customer:4711'].
        metadata (Metadata): What the caller wants to remember with it, by names of at most 100
            characters; never looked into. `scheduleId` and `scheduledFor` are set by schedules
            alone. Example: {'orderId': '4711'}.
        traceparent (None | str): The trace of the request that created it (W3C Trace Context).
            Example: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.
    """

    job_id: str
    lease_token: int
    lease_until: datetime.datetime
    kind: str
    queue: str
    input_: JobInput
    attempt: int
    max_attempts: int
    idempotency_token: str
    timeout_seconds: int | None
    deadline: datetime.datetime | None
    tags: list[str]
    metadata: Metadata
    traceparent: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        job_id = self.job_id
        lease_token = self.lease_token
        lease_until = self.lease_until.isoformat()
        kind = self.kind
        queue = self.queue
        input_ = self.input_.to_dict()
        attempt = self.attempt
        max_attempts = self.max_attempts
        idempotency_token = self.idempotency_token
        timeout_seconds: int | None
        timeout_seconds = self.timeout_seconds
        deadline: None | str
        if isinstance(self.deadline, datetime.datetime):
            deadline = self.deadline.isoformat()
        else:
            deadline = self.deadline
        tags = self.tags

        metadata = self.metadata.to_dict()
        traceparent: None | str
        traceparent = self.traceparent
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "jobId": job_id,
            "leaseToken": lease_token,
            "leaseUntil": lease_until,
            "kind": kind,
            "queue": queue,
            "input": input_,
            "attempt": attempt,
            "maxAttempts": max_attempts,
            "idempotencyToken": idempotency_token,
            "timeoutSeconds": timeout_seconds,
            "deadline": deadline,
            "tags": tags,
            "metadata": metadata,
            "traceparent": traceparent,
        }
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.job_input import JobInput
        from ..models.metadata import Metadata

        _fields = dict(src_dict)
        job_id = _fields.pop("jobId")
        lease_token = _fields.pop("leaseToken")
        lease_until = datetime.datetime.fromisoformat(_fields.pop("leaseUntil"))

        kind = _fields.pop("kind")
        queue = _fields.pop("queue")
        input_ = JobInput.from_dict(_fields.pop("input"))

        attempt = _fields.pop("attempt")
        max_attempts = _fields.pop("maxAttempts")
        idempotency_token = _fields.pop("idempotencyToken")
        timeout_seconds = cast("int | None", _fields.pop("timeoutSeconds", None))

        def _parse_deadline(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            deadline_type_0 = datetime.datetime.fromisoformat(data)

            return deadline_type_0

        deadline = _parse_deadline(_fields.pop("deadline", None))

        tags = cast(list[str], _fields.pop("tags"))

        metadata = Metadata.from_dict(_fields.pop("metadata"))

        traceparent = cast("None | str", _fields.pop("traceparent", None))

        _model = cls(
            job_id=job_id,
            lease_token=lease_token,
            lease_until=lease_until,
            kind=kind,
            queue=queue,
            input_=input_,
            attempt=attempt,
            max_attempts=max_attempts,
            idempotency_token=idempotency_token,
            timeout_seconds=timeout_seconds,
            deadline=deadline,
            tags=tags,
            metadata=metadata,
            traceparent=traceparent,
        )
        _model.additional_properties = _fields
        return _model
