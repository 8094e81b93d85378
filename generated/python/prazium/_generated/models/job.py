from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_status import JobStatus, check_job_status
from ..models.replay import Replay, check_replay

if TYPE_CHECKING:
    from ..models.concurrency import Concurrency
    from ..models.failure import Failure
    from ..models.job_input import JobInput
    from ..models.metadata import Metadata
    from ..models.progress import Progress
    from ..models.retry_policy import RetryPolicy

T = TypeVar("T", bound="Job")


@_attrs_define
class Job:
    """One thing to be done, and how far it is.

    Attributes:
        id (str): A job's id. Example: job_01kb0rd2y5hqv7w9sk3p6n8r4t.
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        input_ (JobInput): What the kind is to work on; any JSON object that matches the schema
            of the kind. Example: {'url': 'https://example.com/cat.png', 'width': 200}.
        queue (str): A queue of the tenant. Example: default.
        priority (int): Which of the waiting jobs of a tenant goes first; 9 before 0. Example:
            5.
        status (JobStatus): Where the job stands (see docs/state-machines.md). A job whose time
            is ahead is queued too. Example: queued.
        attempt (int): How often it was begun. Example: 1.
        retry (RetryPolicy): How often and when a failed attempt is followed by another.
        replay (Replay): What follows the loss of a worker: another attempt (safe), the failure
            of the job (never), or the failure for someone to retry (ask). Example: safe.
        run_at (datetime.datetime | None): Not before this time; null if it could begin at once.
            Example: 2026-01-15T11:30:00Z.
        dedupe_key (None | str): The key under which there is one live job. Example:
            thumbnail:4711.
        concurrency (Concurrency | None): With which jobs it shares a limit; null if with none.
        timeout_seconds (int | None): The longest that one attempt may take. Example: 300.
        queue_timeout_seconds (int | None): The longest that it may wait for its first attempt.
            Example: 3600.
        deadline (datetime.datetime | None): What has not succeeded by then has failed. Example:
            2036-01-15T12:00:00Z.
        tags (list[str]): Words to find jobs by. Example: ['customer:4711'].
        metadata (Metadata): What the caller wants to remember with it, by names of at most 100
            characters; never looked into. `scheduleId` and `scheduledFor` are set by schedules
            alone. Example: {'orderId': '4711'}.
        max_cost_msat (int | None): The budget. Example: 100000.
        cost_msat (int): The costs that were reported since it was created, or last queued again
            by a retry. Example: 0.
        progress (None | Progress): How far the work is; null if the worker has not said.
        result (Any): What came of it, any JSON; null before it succeeded and if it has more
            than 64 KiB: then it is at `/result`. Example: {'width': 200, 'height': 150}.
        result_size (int | None): The result's size in bytes; null before there is one. Example:
            26.
        error (Failure | None): Why it failed or was begun again; null otherwise.
        next_attempt_at (datetime.datetime | None): When a queued job may begin; null if at once
            or not queued. Example: 2026-01-15T11:30:08Z.
        worker_id (None | str): The worker that is at it; null if none is. Example:
            wrk_01kb0rg5t7kvy1a3wn6s9r2x8z.
        schedule_id (None | str): The schedule that created it; null if none did. Example:
            sch_01kb0rf4s6jtx9z2vm5r8q1w7y.
        request_id (None | str): The request that brought it about; its lines in the log have
            this id.
        trace_id (None | str): The trace of the request that brought it about (W3C Trace
            Context).
        created_at (datetime.datetime): When it was created. Example: 2026-01-15T11:30:00Z.
        started_at (datetime.datetime | None): When it was first begun. Example:
            2026-01-15T11:30:01Z.
        completed_at (datetime.datetime | None): When it ended. Example: 2026-01-15T11:30:04Z.
    """

    id: str
    kind: str
    input_: JobInput
    queue: str
    priority: int
    status: JobStatus
    attempt: int
    retry: RetryPolicy
    replay: Replay
    run_at: datetime.datetime | None
    dedupe_key: None | str
    concurrency: Concurrency | None
    timeout_seconds: int | None
    queue_timeout_seconds: int | None
    deadline: datetime.datetime | None
    tags: list[str]
    metadata: Metadata
    max_cost_msat: int | None
    cost_msat: int
    progress: None | Progress
    result: Any
    result_size: int | None
    error: Failure | None
    next_attempt_at: datetime.datetime | None
    worker_id: None | str
    schedule_id: None | str
    request_id: None | str
    trace_id: None | str
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        from ..models.concurrency import Concurrency
        from ..models.failure import Failure
        from ..models.progress import Progress

        id = self.id
        kind = self.kind
        input_ = self.input_.to_dict()
        queue = self.queue
        priority = self.priority
        status: str = self.status
        attempt = self.attempt
        retry = self.retry.to_dict()
        replay: str = self.replay
        run_at: None | str
        if isinstance(self.run_at, datetime.datetime):
            run_at = self.run_at.isoformat()
        else:
            run_at = self.run_at
        dedupe_key: None | str
        dedupe_key = self.dedupe_key
        concurrency: dict[str, Any] | None
        if isinstance(self.concurrency, Concurrency):
            concurrency = self.concurrency.to_dict()
        else:
            concurrency = self.concurrency
        timeout_seconds: int | None
        timeout_seconds = self.timeout_seconds
        queue_timeout_seconds: int | None
        queue_timeout_seconds = self.queue_timeout_seconds
        deadline: None | str
        if isinstance(self.deadline, datetime.datetime):
            deadline = self.deadline.isoformat()
        else:
            deadline = self.deadline
        tags = self.tags

        metadata = self.metadata.to_dict()
        max_cost_msat: int | None
        max_cost_msat = self.max_cost_msat
        cost_msat = self.cost_msat
        progress: dict[str, Any] | None
        if isinstance(self.progress, Progress):
            progress = self.progress.to_dict()
        else:
            progress = self.progress
        result = self.result
        result_size: int | None
        result_size = self.result_size
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error
        next_attempt_at: None | str
        if isinstance(self.next_attempt_at, datetime.datetime):
            next_attempt_at = self.next_attempt_at.isoformat()
        else:
            next_attempt_at = self.next_attempt_at
        worker_id: None | str
        worker_id = self.worker_id
        schedule_id: None | str
        schedule_id = self.schedule_id
        request_id: None | str
        request_id = self.request_id
        trace_id: None | str
        trace_id = self.trace_id
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
            "input": input_,
            "queue": queue,
            "priority": priority,
            "status": status,
            "attempt": attempt,
            "retry": retry,
            "replay": replay,
            "runAt": run_at,
            "dedupeKey": dedupe_key,
            "concurrency": concurrency,
            "timeoutSeconds": timeout_seconds,
            "queueTimeoutSeconds": queue_timeout_seconds,
            "deadline": deadline,
            "tags": tags,
            "metadata": metadata,
            "maxCostMsat": max_cost_msat,
            "costMsat": cost_msat,
            "progress": progress,
            "result": result,
            "resultSize": result_size,
            "error": error,
            "nextAttemptAt": next_attempt_at,
            "workerId": worker_id,
            "scheduleId": schedule_id,
            "requestId": request_id,
            "traceId": trace_id,
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
        from ..models.concurrency import Concurrency
        from ..models.failure import Failure
        from ..models.job_input import JobInput
        from ..models.metadata import Metadata
        from ..models.progress import Progress
        from ..models.retry_policy import RetryPolicy

        _fields = dict(src_dict)
        id = _fields.pop("id")
        kind = _fields.pop("kind")
        input_ = JobInput.from_dict(_fields.pop("input"))

        queue = _fields.pop("queue")
        priority = _fields.pop("priority")
        status = check_job_status(_fields.pop("status"))

        attempt = _fields.pop("attempt")
        retry = RetryPolicy.from_dict(_fields.pop("retry"))

        replay = check_replay(_fields.pop("replay"))

        def _parse_run_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            run_at_type_0 = datetime.datetime.fromisoformat(data)

            return run_at_type_0

        run_at = _parse_run_at(_fields.pop("runAt", None))

        dedupe_key = cast("None | str", _fields.pop("dedupeKey", None))

        def _parse_concurrency(data: Any) -> Concurrency | None:
            if data is None:
                return data
            concurrency_type_1 = Concurrency.from_dict(data)

            return concurrency_type_1

        concurrency = _parse_concurrency(_fields.pop("concurrency", None))

        timeout_seconds = cast("int | None", _fields.pop("timeoutSeconds", None))

        queue_timeout_seconds = cast("int | None", _fields.pop("queueTimeoutSeconds", None))

        def _parse_deadline(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            deadline_type_0 = datetime.datetime.fromisoformat(data)

            return deadline_type_0

        deadline = _parse_deadline(_fields.pop("deadline", None))

        tags = cast(list[str], _fields.pop("tags"))

        metadata = Metadata.from_dict(_fields.pop("metadata"))

        max_cost_msat = cast("int | None", _fields.pop("maxCostMsat", None))

        cost_msat = _fields.pop("costMsat")

        def _parse_progress(data: Any) -> None | Progress:
            if data is None:
                return data
            progress_type_1 = Progress.from_dict(data)

            return progress_type_1

        progress = _parse_progress(_fields.pop("progress", None))

        result = _fields.pop("result")
        result_size = cast("int | None", _fields.pop("resultSize", None))

        def _parse_error(data: Any) -> Failure | None:
            if data is None:
                return data
            error_type_1 = Failure.from_dict(data)

            return error_type_1

        error = _parse_error(_fields.pop("error", None))

        def _parse_next_attempt_at(data: Any) -> datetime.datetime | None:
            if data is None:
                return data
            next_attempt_at_type_0 = datetime.datetime.fromisoformat(data)

            return next_attempt_at_type_0

        next_attempt_at = _parse_next_attempt_at(_fields.pop("nextAttemptAt", None))

        worker_id = cast("None | str", _fields.pop("workerId", None))

        schedule_id = cast("None | str", _fields.pop("scheduleId", None))

        request_id = cast("None | str", _fields.pop("requestId", None))

        trace_id = cast("None | str", _fields.pop("traceId", None))

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
            input_=input_,
            queue=queue,
            priority=priority,
            status=status,
            attempt=attempt,
            retry=retry,
            replay=replay,
            run_at=run_at,
            dedupe_key=dedupe_key,
            concurrency=concurrency,
            timeout_seconds=timeout_seconds,
            queue_timeout_seconds=queue_timeout_seconds,
            deadline=deadline,
            tags=tags,
            metadata=metadata,
            max_cost_msat=max_cost_msat,
            cost_msat=cost_msat,
            progress=progress,
            result=result,
            result_size=result_size,
            error=error,
            next_attempt_at=next_attempt_at,
            worker_id=worker_id,
            schedule_id=schedule_id,
            request_id=request_id,
            trace_id=trace_id,
            created_at=created_at,
            started_at=started_at,
            completed_at=completed_at,
        )
        _model.additional_properties = _fields
        return _model
