"""Jobs: work of any kind, done once, as callers see it. Kinds and workers do the work."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from db.pool import Transaction
from db.queries import Query, load
from generated.models import (
    ChangedJobs,
    ChangeJobs,
    CreatedItem,
    CreatedJob,
    CreatedJobs,
    Event,
    EventType,
    ItemError,
    Job,
    JobState,
    JobStatus,
    JobSummary,
    LogLevel,
    LogLine,
    NewJob,
    NewJobs,
)
from services import cursors, events, job_changes, kinds, results
from services.context import Context
from services.cursors import Section
from services.engine.enqueue import NewRun
from services.errors import NotFound, PraziumError, ValidationFailed, WrongState
from services.job_changes import ENDED, LIVE, IdRow, refusal
from services.job_rows import JobRow, SummaryRow, shown, summary
from services.keys import allow_queues, queues_of
from services.new_jobs import run_of

sql = load("jobs")

NEWEST = "job_~"
"""Behind every id."""
OLDEST = "job_"
SPAN = 20_000
"""So many jobs are looked at for one page, however few of them fit."""
MOST = 10_000
"""So many jobs are changed in one call."""
Act = Callable[[Context, Transaction, list[str], Sequence[JobStatus]], Awaitable[int]]
EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


class ResultRow(msgspec.Struct, frozen=True):
    """What came of a job, or where that is."""

    status: JobStatus
    output_blob: str | None
    output: msgspec.Raw = msgspec.Raw(b"null")


async def create_job(ctx: Context, new: NewJob) -> CreatedJob:
    """Have something done once; while a job with the same key has not ended, it is that one.

    Raises: ValidationFailed for what cannot be done or is not what the kind takes.
    """
    async with ctx.transaction() as tx:
        run = run_of(ctx, new, await kinds.inputs_of(ctx, tx, [new.kind]))
        [job] = await job_changes.created(tx, [run])
    return job


async def list_jobs(
    ctx: Context,
    status: JobStatus | None,
    queue: str | None,
    kind: str | None,
    tag: str | None,
    schedule_id: str | None,
    created_after: datetime | None,
    created_before: datetime | None,
    cursor: str | None,
    limit: int,
) -> Section[JobSummary]:
    """Jobs that fit the filters, newest first. A page may be short although there are more.

    Raises: ValidationFailed for a cursor of another list.
    """
    given = {"status": status, "queue": queue, "kind": kind, "tag": tag, "schedule_id": schedule_id}
    filters = given | during(created_after, created_before)
    of = {"list": "jobs", **filters}
    before = cursors.unsealed(ctx, of, cursor) or NEWEST
    searched = any(value is not None for value in given.values())
    async with ctx.transaction() as tx:
        reach = await tx.value(sql.reach, before=before, span=SPAN) if searched else None
        rows = await tx.all(
            sql.list_jobs,
            SummaryRow,
            before=before,
            since=reach or OLDEST,
            limit=limit + 1,
            **filters,
        )
    items = [summary(row) for row in rows[:limit]]
    position = items[-1].id if len(rows) > limit else reach
    return cursors.section(ctx, items, limit, of, position)


def during(after: datetime | None, before: datetime | None) -> dict[str, datetime]:
    """When the jobs of a list were created."""
    return {"created_after": after or EVER[0], "created_before": before or EVER[1]}


async def get_job(ctx: Context, job_id: str) -> Job:
    """The job as it is now.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        row = await tx.first(sql.get_job, JobRow, job_id=job_id)
    if row is None:
        raise NotFound("There is no such job.")
    return shown(row)


async def cancel_job(ctx: Context, job_id: str) -> JobState:
    """End the job; a worker that is at it loses its lease, and with it the right to write.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState if it has ended.
    """
    async with ctx.transaction() as tx:
        if not await job_changes.cancel(ctx, tx, [job_id]):
            raise await refusal(ctx, tx, job_id, LIVE)
    return JobState(id=job_id, status=JobStatus.cancelled)


async def retry_job(ctx: Context, job_id: str) -> JobState:
    """Queue a job that has ended again, with fresh attempts.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState if it has not ended,
    DedupeKeyTaken if another job has its key by now, DeadlinePassed, GraphHasJob.
    """
    async with ctx.transaction() as tx:
        if not await job_changes.requeue(ctx, tx, [job_id]):
            raise await refusal(ctx, tx, job_id, ENDED)
    return JobState(id=job_id, status=JobStatus.queued)


async def create_jobs(ctx: Context, new: NewJobs) -> CreatedJobs:
    """Queue jobs in one transaction; those that cannot be created are told by their place."""
    runs: dict[int, NewRun] = {}
    items: dict[int, CreatedItem] = {}
    async with ctx.transaction() as tx:
        inputs = await kinds.inputs_of(ctx, tx, [job.kind for job in new.jobs])
        for index, job in enumerate(new.jobs):
            try:
                runs[index] = run_of(ctx, job, inputs)
            except ValidationFailed as error:
                items[index] = CreatedItem(index=index, job=None, error=item_error(error))
            await inputs.budget.breathe()
        jobs = await job_changes.created(tx, list(runs.values()))
    for index, created in zip(runs, jobs, strict=True):
        items[index] = CreatedItem(index=index, job=created, error=None)
    return counted([items[index] for index in range(len(new.jobs))])


def counted(items: list[CreatedItem]) -> CreatedJobs:
    """What became of many new jobs, in figures too."""
    jobs = [item.job for item in items if item.job]
    found = sum(job.deduplicated for job in jobs)
    return CreatedJobs(
        created=len(jobs) - found,
        deduplicated=found,
        refused=len(items) - len(jobs),
        items=items,
    )


def item_error(error: PraziumError) -> ItemError:
    """Why one job of many was refused."""
    details = error.details if isinstance(error.details, list) else UNSET
    return ItemError(code=error.code, message=str(error)[:1000], details=details)


async def cancel_jobs(ctx: Context, change: ChangeJobs) -> ChangedJobs:
    """Cancel jobs that fit the filter and have not ended, oldest first.

    Raises: Forbidden for a queue that is not the key's.
    """
    return await changed(ctx, change, sql.find_live, LIVE, job_changes.cancel)


async def retry_jobs(ctx: Context, change: ChangeJobs) -> ChangedJobs:
    """Queue ended jobs that fit the filter again, oldest first; failed ones by default.

    Raises: Forbidden for a queue that is not the key's.
    """
    failed = change.filter.status in (UNSET, JobStatus.failed)
    find = sql.find_failed if failed else sql.find_ended
    return await changed(ctx, change, find, [JobStatus.failed], job_changes.requeue)


async def changed(
    ctx: Context, change: ChangeJobs, find: Query, by_default: list[JobStatus], act: Act
) -> ChangedJobs:
    """Find jobs in the queues of the key, and change them in the same transaction.

    What has left the states that were asked for between the two is not changed.
    Raises: Forbidden for a queue that is not the key's.
    """
    given, limit = change.filter, change.limit or MOST
    asked = [given.queue] if given.queue else []
    statuses = [given.status] if given.status else by_default
    allow_queues(ctx.actor, asked)
    filters = {
        "job_ids": given.job_ids or None,
        "statuses": statuses,
        "queues": asked or queues_of(ctx.actor),
        "kind": given.kind or None,
        "tag": given.tag or None,
        "schedule_id": given.schedule_id or None,
        **during(given.created_after or None, given.created_before or None),
    }
    async with ctx.transaction() as tx:
        rows = await tx.all(find, IdRow, limit=limit + 1, **filters)
        done = await act(ctx, tx, [row.id for row in rows[:limit]], statuses) if rows else 0
    return ChangedJobs(matched=min(len(rows), limit), changed=done, more=len(rows) > limit)


async def get_job_result(ctx: Context, job_id: str) -> msgspec.Raw:
    """The whole result, as JSON.

    Raises: NotFound, WrongState before it has succeeded, StorageUnavailable.
    """
    async with ctx.transaction() as tx:
        row = await tx.first(sql.get_result, ResultRow, job_id=job_id)
    if row is None:
        raise NotFound("There is no such job.")
    if row.status != JobStatus.succeeded:
        raise WrongState("job", row.status, [JobStatus.succeeded])
    if row.output_blob is not None:
        return msgspec.Raw(await results.spilled(ctx.settings, row.output_blob))
    return row.output


async def list_job_events(
    ctx: Context, job_id: str, after_seq: int | None, type_: EventType | None, limit: int
) -> list[Event]:
    """Events of the job that fit the filters, in order.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require_job(tx, job_id)
        return await events.events_of(tx, job_id, after_seq=after_seq, type_=type_, limit=limit)


async def stream_job_events(
    ctx: Context, job_id: str, last_event_id: str | None
) -> AsyncIterator[list[Event]] | None:
    """Batches of events as they happen, until the job has ended; None if there is nothing to come.

    Raises: NotFound, ValidationFailed if `last_event_id` is in the future.
    """

    async def look() -> events.Progress:
        return await events.read_progress(ctx, sql.get_job_progress, job_id)

    return await events.streamed(ctx, job_id, last_event_id, look)


async def list_job_logs(
    ctx: Context, job_id: str, after_seq: int | None, level: LogLevel | None, limit: int
) -> list[LogLine]:
    """Lines that the worker wrote, in order.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require_job(tx, job_id)
        return await tx.all(
            sql.list_logs,
            LogLine,
            job_id=job_id,
            after_seq=after_seq or 0,
            level=level,
            limit=limit,
        )


async def require_job(tx: Transaction, job_id: str) -> JobStatus:
    """Where the job stands.

    Raises: NotFound.
    """
    status = await tx.value(sql.get_job_state, job_id=job_id)
    if status is None:
        raise NotFound("There is no such job.")
    return JobStatus(status)
