from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.replay import Replay, check_replay
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.concurrency import Concurrency
    from ..models.job_input import JobInput
    from ..models.job_template_metadata import JobTemplateMetadata
    from ..models.retry_policy import RetryPolicy

T = TypeVar("T", bound="JobTemplate")


@_attrs_define
class JobTemplate:
    """The job that a schedule creates.

    Attributes:
        kind (str): What is to be done: `http`, `agent`, `command`, or a kind that a worker
            registered. Example: thumbnail.make.
        input_ (JobInput | Unset): What the kind is to work on; any JSON object that matches the
            schema of the kind. Example: {'url': 'https://example.com/cat.png', 'width': 200}.
        queue (str | Unset): A queue of the tenant. Example: default.
        priority (int | Unset): Which of the waiting jobs of a tenant goes first; 9 before 0.
            Example: 5.
        concurrency (Concurrency | Unset): How many jobs of the tenant with the same key may run
            at once, over all queues; of those that have not ended the newest says it. A job counts
            from when it could begin; the others are parked and follow by priority and age.
        timeout_seconds (int | Unset): The longest that one attempt may take. Example: 300.
        queue_timeout_seconds (int | Unset): The longest that it may wait for its first attempt.
            Example: 3600.
        retry (RetryPolicy | Unset): How often and when a failed attempt is followed by another.
        replay (Replay | Unset): What follows the loss of a worker: another attempt (safe), the
            failure of the job (never), or the failure for someone to retry (ask). Example: safe.
        tags (list[str] | Unset): Words to find jobs by. Example: ['customer:4711'].
        metadata (JobTemplateMetadata | Unset): What each job is to remember, by names of at
            most 100 characters; `scheduleId` and `scheduledFor` are added, and cannot be given.
            Example: {'report': 'daily'}.
        max_cost_msat (int | Unset): The budget. Example: 100000.
    """

    kind: str
    input_: JobInput | Unset = UNSET
    queue: str | Unset = UNSET
    priority: int | Unset = UNSET
    concurrency: Concurrency | Unset = UNSET
    timeout_seconds: int | Unset = UNSET
    queue_timeout_seconds: int | Unset = UNSET
    retry: RetryPolicy | Unset = UNSET
    replay: Replay | Unset = UNSET
    tags: list[str] | Unset = UNSET
    metadata: JobTemplateMetadata | Unset = UNSET
    max_cost_msat: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The object as it is written on the wire."""
        kind = self.kind
        input_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.input_, Unset):
            input_ = self.input_.to_dict()
        queue = self.queue
        priority = self.priority
        concurrency: dict[str, Any] | Unset = UNSET
        if not isinstance(self.concurrency, Unset):
            concurrency = self.concurrency.to_dict()
        timeout_seconds = self.timeout_seconds
        queue_timeout_seconds = self.queue_timeout_seconds
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
        if concurrency is not UNSET:
            field_dict["concurrency"] = concurrency
        if timeout_seconds is not UNSET:
            field_dict["timeoutSeconds"] = timeout_seconds
        if queue_timeout_seconds is not UNSET:
            field_dict["queueTimeoutSeconds"] = queue_timeout_seconds
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
        from ..models.job_template_metadata import JobTemplateMetadata
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
        _concurrency = _fields.pop("concurrency", UNSET)
        concurrency: Concurrency | Unset
        if isinstance(_concurrency, Unset):
            concurrency = UNSET
        else:
            concurrency = Concurrency.from_dict(_concurrency)

        timeout_seconds = _fields.pop("timeoutSeconds", UNSET)
        queue_timeout_seconds = _fields.pop("queueTimeoutSeconds", UNSET)
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
        metadata: JobTemplateMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = JobTemplateMetadata.from_dict(_metadata)

        max_cost_msat = _fields.pop("maxCostMsat", UNSET)
        _model = cls(
            kind=kind,
            input_=input_,
            queue=queue,
            priority=priority,
            concurrency=concurrency,
            timeout_seconds=timeout_seconds,
            queue_timeout_seconds=queue_timeout_seconds,
            retry=retry,
            replay=replay,
            tags=tags,
            metadata=metadata,
            max_cost_msat=max_cost_msat,
        )
        return _model
