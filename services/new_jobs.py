"""From what a caller asks for to what the engine queues: a job's options, checked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from generated.models import Backoff, Concurrency, FieldError, NewJob, Replay, RetryPolicy
from services.context import Context
from services.engine import retry
from services.engine.enqueue import DEFAULT_QUEUE, NewRun
from services.engine.retry import TaskOptions
from services.errors import invalid_fields
from services.keys import allow_queues
from services.kinds import Inputs

T = TypeVar("T")

KIND = "job"
MOST_AHEAD = timedelta(days=3653)
LONGEST_NAME = 100
OF_SCHEDULES = ("scheduleId", "scheduledFor")
"""What a schedule notes in the metadata of its jobs, and nobody else."""

Flaws = Iterator[tuple[str, str]]


class JobOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a job was asked for beside its input, as its row keeps it."""

    priority: int = 0
    run_at: datetime | None = None
    concurrency: Concurrency | None = None
    timeout_seconds: int | None = None
    queue_timeout_seconds: int | None = None
    deadline: datetime | None = None
    retry: RetryPolicy = msgspec.field(default_factory=RetryPolicy)
    replay: Replay = Replay.safe
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    max_cost_msat: int | None = None
    schedule_id: str | None = None


def run_of(ctx: Context, new: NewJob, inputs: Inputs) -> NewRun:
    """What the engine is to queue; `inputs` is what its kind takes.

    Raises: ValidationFailed naming the fields that are wrong, from the job on; Forbidden for a
    queue that is not the key's.
    """
    now = ctx.now()
    allow_queues(ctx.actor, [given(new.queue) or DEFAULT_QUEUE])
    if found := [FieldError(field_=where, message=what) for where, what in flaws(new, now)]:
        raise invalid_fields(found)
    inputs.check(new.kind, given(new.input) or {})
    options = options_of(new, now)
    wait = options.queue_timeout_seconds
    return NewRun(
        id=ctx.new_id("job"),
        kind=KIND,
        name=new.kind,
        input=given(new.input) or {},
        queue=given(new.queue) or DEFAULT_QUEUE,
        priority=options.priority,
        options=options,
        tags=list(dict.fromkeys(given(new.tags) or ())) or None,
        dedupe_key=given(new.dedupe_key),
        run_at=options.run_at,
        max_attempts=options.retry.max_attempts or 1,
        task_options=task_options(options),
        timeout_s=options.timeout_seconds,
        start_by=(options.run_at or now) + timedelta(seconds=wait) if wait else None,
        end_by=options.deadline,
        concurrency_key=options.concurrency.key if options.concurrency else None,
        concurrency_limit=options.concurrency.limit if options.concurrency else None,
    )


def task_options(options: JobOptions) -> TaskOptions:
    """What the engine needs to know beside the times."""
    policy = options.retry
    return TaskOptions(
        retry=retry.RetryPolicy(
            backoff=(given(policy.backoff) or Backoff.exponential).value,
            base_s=given(policy.base_seconds),
            cap_s=given(policy.cap_seconds),
            jitter=given(policy.jitter) is not False,
            non_retryable=given(policy.non_retryable) or [],
        ),
        replay=options.replay.value,
    )


def options_of(new: NewJob, now: datetime) -> JobOptions:
    """The options as they are kept; a time in the past is none."""
    run_at = begin_of(new, now)
    return JobOptions(
        priority=given(new.priority) or 0,
        run_at=run_at if run_at and run_at > now else None,
        concurrency=given(new.concurrency),
        timeout_seconds=given(new.timeout_seconds),
        queue_timeout_seconds=given(new.queue_timeout_seconds),
        deadline=given(new.deadline),
        retry=given(new.retry) or RetryPolicy(),
        replay=given(new.replay) or Replay.safe,
        metadata=given(new.metadata) or {},
        max_cost_msat=given(new.max_cost_msat),
    )


def flaws(new: NewJob, now: datetime) -> Flaws:
    """What no schema can say is wrong, by pointer."""
    yield from flaws_of_times(new, now)
    for name in given(new.metadata) or ():
        if not 1 <= len(name) <= LONGEST_NAME:
            yield "/metadata", f"must have names of 1 to {LONGEST_NAME} characters"
        if name in OF_SCHEDULES:
            yield f"/metadata/{name}", "is set by schedules alone; choose another name"


def flaws_of_times(new: NewJob, now: datetime) -> Flaws:
    """What is wrong with when it may begin and must end."""
    if new.run_at is not UNSET and new.delay_seconds is not UNSET:
        yield "/delaySeconds", "stands instead of `runAt`, not beside it"
    run_at, deadline = begin_of(new, now), given(new.deadline)
    if run_at and run_at > now + MOST_AHEAD:
        yield "/runAt", "must be at most ten years ahead"
    if deadline and deadline <= now:
        yield "/deadline", "is in the past"
    elif deadline and deadline > now + 2 * MOST_AHEAD:
        yield "/deadline", "must be at most twenty years ahead"
    elif deadline and run_at and deadline <= run_at:
        name = "runAt" if new.delay_seconds is UNSET else "delaySeconds"
        yield "/deadline", f"is before it may begin, by `{name}`"


def begin_of(new: NewJob, now: datetime) -> datetime | None:
    """The time that it may begin at, if it says one."""
    if delay := given(new.delay_seconds):
        return now + timedelta(seconds=delay)
    return given(new.run_at)


def given(value: T | UnsetType) -> T | None:
    """A field that may be absent."""
    return None if isinstance(value, UnsetType) else value
