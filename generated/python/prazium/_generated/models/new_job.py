from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.replay import Replay, check_replay
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.concurrency import Concurrency
    from ..models.job_input import JobInput
    from ..models.metadata import Metadata
    from ..models.retry_policy import RetryPolicy

T = TypeVar("T", bound="NewJob")


@_attrs_define
class NewJob:
    """What is to be done, and how.

    Attributes:
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        input_ (JobInput | Unset): What the kind is to work on; any JSON object that matches the
            schema of the kind. Example: {'url': 'https://example.com/cat.png', 'width': 200}.
        queue (str | Unset): A queue of the tenant. Example: default.
        priority (int | Unset): Which of the waiting jobs of a tenant goes first; 9 before 0.
            Example: 5.
        run_at (datetime.datetime | Unset): Not before this time; at most ten years ahead. The
            past means now. Example: 2026-01-15T11:30:00Z.
        delay_seconds (int | Unset): Not before so long from now; instead of `runAt`. Example:
            0.
        dedupe_key (str | Unset): As long as a job with this key has not ended there is no
            second one in its queue. Example: thumbnail:4711.
        concurrency (Concurrency | Unset): How many jobs of the tenant with the same key may run
            at once, over all queues; of those that have not ended the newest says it. A job counts
            from when it could begin; the others are parked and follow by priority and age.
        timeout_seconds (int | Unset): The longest that one attempt may take. Example: 300.
        queue_timeout_seconds (int | Unset): The longest that it may wait for its first attempt
            from when it may begin. Example: 3600.
        deadline (datetime.datetime | Unset): What has not succeeded by then has failed.
            Example: 2036-01-15T12:00:00Z.
        retry (RetryPolicy | Unset): How often and when a failed attempt is followed by another.
        replay (Replay | Unset): What follows the loss of a worker: another attempt (safe), the
            failure of the job (never), or the failure for someone to retry (ask). Example: safe.
        tags (list[str] | Unset): Words to find jobs by. Example: ['customer:4711'].
        metadata (Metadata | Unset): What the caller wants to remember with it, by names of at
            most 100 characters; never looked into. `scheduleId` and `scheduledFor` are set by
            schedules alone. Example: {'orderId': '4711'}.
        max_cost_msat (int | Unset): The budget; when the reported costs are above it the job
            has failed. Example: 100000.
    """

    kind: str
    input_: JobInput | Unset = UNSET
    queue: str | Unset = UNSET
    priority: int | Unset = UNSET
    run_at: datetime.datetime | Unset = UNSET
    delay_seconds: int | Unset = UNSET
    dedupe_key: str | Unset = UNSET
    concurrency: Concurrency | Unset = UNSET
    timeout_seconds: int | Unset = UNSET
    queue_timeout_seconds: int | Unset = UNSET
    deadline: datetime.datetime | Unset = UNSET
    retry: RetryPolicy | Unset = UNSET
    replay: Replay | Unset = UNSET
    tags: list[str] | Unset = UNSET
    metadata: Metadata | Unset = UNSET
    max_cost_msat: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        kind = self.kind
        input_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.input_, Unset):
            input_ = self.input_.to_dict()
        queue = self.queue
        priority = self.priority
        run_at: str | Unset = UNSET
        if not isinstance(self.run_at, Unset):
            run_at = self.run_at.isoformat()
        delay_seconds = self.delay_seconds
        dedupe_key = self.dedupe_key
        concurrency: dict[str, Any] | Unset = UNSET
        if not isinstance(self.concurrency, Unset):
            concurrency = self.concurrency.to_dict()
        timeout_seconds = self.timeout_seconds
        queue_timeout_seconds = self.queue_timeout_seconds
        deadline: str | Unset = UNSET
        if not isinstance(self.deadline, Unset):
            deadline = self.deadline.isoformat()
        retry: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retry, Unset):
            retry = self.retry.to_dict()
        replay: str | Unset = UNSET
        if not isinstance(self.replay, Unset):
            replay = self.replay

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()
        max_cost_msat = self.max_cost_msat
        field_dict: dict[str, Any] = {
            "kind": kind,
        }
        if input_ is not UNSET:
            field_dict["input"] = input_
        if queue is not UNSET:
            field_dict["queue"] = queue
        if priority is not UNSET:
            field_dict["priority"] = priority
        if run_at is not UNSET:
            field_dict["runAt"] = run_at
        if delay_seconds is not UNSET:
            field_dict["delaySeconds"] = delay_seconds
        if dedupe_key is not UNSET:
            field_dict["dedupeKey"] = dedupe_key
        if concurrency is not UNSET:
            field_dict["concurrency"] = concurrency
        if timeout_seconds is not UNSET:
            field_dict["timeoutSeconds"] = timeout_seconds
        if queue_timeout_seconds is not UNSET:
            field_dict["queueTimeoutSeconds"] = queue_timeout_seconds
        if deadline is not UNSET:
            field_dict["deadline"] = deadline
        if retry is not UNSET:
            field_dict["retry"] = retry
        if replay is not UNSET:
            field_dict["replay"] = replay
        if tags is not UNSET:
            field_dict["tags"] = tags
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if max_cost_msat is not UNSET:
            field_dict["maxCostMsat"] = max_cost_msat
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the object from the wire.

        Raises: KeyError, TypeError or ValueError if a field is missing or of another type.
        """
        from ..models.concurrency import Concurrency
        from ..models.job_input import JobInput
        from ..models.metadata import Metadata
        from ..models.retry_policy import RetryPolicy

        _fields = dict(src_dict)
        kind = _fields.pop("kind")
        _input_ = _fields.pop("input", UNSET)
        input_: JobInput | Unset
        if isinstance(_input_, Unset):
            input_ = UNSET
        else:
            input_ = JobInput.from_dict(_input_)

        queue = _fields.pop("queue", UNSET)
        priority = _fields.pop("priority", UNSET)
        _run_at = _fields.pop("runAt", UNSET)
        run_at: datetime.datetime | Unset
        if isinstance(_run_at, Unset):
            run_at = UNSET
        else:
            run_at = datetime.datetime.fromisoformat(_run_at)

        delay_seconds = _fields.pop("delaySeconds", UNSET)
        dedupe_key = _fields.pop("dedupeKey", UNSET)
        _concurrency = _fields.pop("concurrency", UNSET)
        concurrency: Concurrency | Unset
        if isinstance(_concurrency, Unset):
            concurrency = UNSET
        else:
            concurrency = Concurrency.from_dict(_concurrency)

        timeout_seconds = _fields.pop("timeoutSeconds", UNSET)
        queue_timeout_seconds = _fields.pop("queueTimeoutSeconds", UNSET)
        _deadline = _fields.pop("deadline", UNSET)
        deadline: datetime.datetime | Unset
        if isinstance(_deadline, Unset):
            deadline = UNSET
        else:
            deadline = datetime.datetime.fromisoformat(_deadline)

        _retry = _fields.pop("retry", UNSET)
        retry: RetryPolicy | Unset
        if isinstance(_retry, Unset):
            retry = UNSET
        else:
            retry = RetryPolicy.from_dict(_retry)

        _replay = _fields.pop("replay", UNSET)
        replay: Replay | Unset
        if isinstance(_replay, Unset):
            replay = UNSET
        else:
            replay = check_replay(_replay)

        tags = cast(list[str], _fields.pop("tags", UNSET))

        _metadata = _fields.pop("metadata", UNSET)
        metadata: Metadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = Metadata.from_dict(_metadata)

        max_cost_msat = _fields.pop("maxCostMsat", UNSET)
        _model = cls(
            kind=kind,
            input_=input_,
            queue=queue,
            priority=priority,
            run_at=run_at,
            delay_seconds=delay_seconds,
            dedupe_key=dedupe_key,
            concurrency=concurrency,
            timeout_seconds=timeout_seconds,
            queue_timeout_seconds=queue_timeout_seconds,
            deadline=deadline,
            retry=retry,
            replay=replay,
            tags=tags,
            metadata=metadata,
            max_cost_msat=max_cost_msat,
        )
        return _model
