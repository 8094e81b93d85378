"""Queues: what jobs are sent to, with limits of their own."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import UNSET

from db.pool import Transaction
from db.queries import load
from generated.models import (
    JobSummary,
    Queue,
    QueueDeleted,
    QueuePaused,
    QueueResumed,
    QueueUpdated,
    TenantEvent,
    UpdateQueue,
)
from services import cursors, feed
from services.context import Context
from services.cursors import Section
from services.engine import events
from services.engine.claim import ready
from services.errors import NotFound, PreconditionFailed, QueueInUse
from services.job_rows import SummaryRow, summary
from services.keys import allow_queues, queues_of
from services.pages import Page, page_of

sql = load("queues")

MOST_COUNTED = 10_000
MOST_COUNTED_IN_LISTS = 1_000
LAST = ("infinity", "job_~")
"""Behind every dead letter."""


class KindRow(msgspec.Struct, frozen=True):
    """A kind of tasks."""

    kind: str


class FailedRow(SummaryRow, frozen=True):
    """A failed job, and since when it is one."""

    failed_at: datetime

    @property
    def place(self) -> str:
        """Where it stands in the list."""
        return f"{self.failed_at.isoformat()} {self.id}"


async def list_queues(ctx: Context, page: int, page_size: int) -> Page[Queue]:
    """A page of the tenant's queues, or of those that the key is restricted to, by name."""
    names = queues_of(ctx.actor)
    async with ctx.transaction() as tx:
        queries = (sql.list_queues, sql.count_queues)
        most = MOST_COUNTED_IN_LISTS
        return await page_of(tx, *queries, Queue, page, page_size, names=names, most=most)


async def get_queue(ctx: Context, queue: str) -> Queue:
    """The queue with what waits and runs in it.

    Raises: NotFound, Forbidden for a queue that is not the key's.
    """
    allow_queues(ctx.actor, [queue])
    async with ctx.transaction() as tx:
        return await found(tx, queue)


async def update_queue(
    ctx: Context,
    queue: str,
    change: UpdateQueue,
    check: Callable[[Queue], None] | None = None,
) -> Queue:
    """Set or lift limits, unless `check` raises for the queue as it is. What runs goes on.

    Without a check the queue need not be there yet.
    Raises: Forbidden for a queue that is not the key's, PreconditionFailed if there is a check and
    no queue, and what `check` raises.
    """
    allow_queues(ctx.actor, [queue])
    rate = change.rate_limit or None
    async with ctx.transaction() as tx:
        if check is not None:
            await tx.run(sql.lock_queue, queue=queue)
            check(await unless_absent(tx, queue))
        await tx.run(
            sql.set_limits,
            queue=queue,
            concurrency=change.concurrency or None,
            rate_limit=rate and rate.limit,
            rate_period_s=rate and rate.period_seconds,
            with_concurrency=change.concurrency is not UNSET,
            with_rate=change.rate_limit is not UNSET,
        )
        await wake(tx, queue)
        fields = sorted(msgspec.to_builtins(change))
        await events.record_tenant(tx, queue, QueueUpdated(queue=queue, fields=fields))
        return await found(tx, queue)


async def unless_absent(tx: Transaction, queue: str) -> Queue:
    """The queue as it is before a change of what must be there.

    Raises: PreconditionFailed.
    """
    try:
        return await found(tx, queue)
    except NotFound:
        raise PreconditionFailed() from None


async def pause_queue(ctx: Context, queue: str) -> Queue:
    """Begin nothing more from the queue; one that is paused stays as it is.

    Raises: NotFound, Forbidden for a queue that is not the key's.
    """
    allow_queues(ctx.actor, [queue])
    async with ctx.transaction() as tx:
        if await tx.run(sql.pause_queue, queue=queue):
            await events.record_tenant(tx, queue, QueuePaused(queue=queue))
        return await found(tx, queue)


async def resume_queue(ctx: Context, queue: str) -> Queue:
    """Begin jobs of the queue again; one that is not paused stays as it is.

    Raises: NotFound, Forbidden for a queue that is not the key's.
    """
    allow_queues(ctx.actor, [queue])
    async with ctx.transaction() as tx:
        if await tx.run(sql.resume_queue, queue=queue):
            await wake(tx, queue)
            await events.record_tenant(tx, queue, QueueResumed(queue=queue))
        return await found(tx, queue)


async def delete_queue(ctx: Context, queue: str) -> Queue:
    """The queue is gone, with its limits, until something is sent to it; what has ended stays.

    Raises: NotFound, Forbidden for a queue that is not the key's, QueueInUse.
    """
    allow_queues(ctx.actor, [queue])
    async with ctx.transaction() as tx:
        await unused(tx, queue)
        await tx.run(sql.close_queues)
        gone = await unused(tx, queue)
        await tx.run(sql.delete_queue, queue=queue)
        await events.record_tenant(tx, queue, QueueDeleted(queue=queue))
    return gone


async def unused(tx: Transaction, queue: str) -> Queue:
    """The queue, if nothing waits or runs in it or will be sent to it.

    Raises: NotFound, QueueInUse.
    """
    row = await found(tx, queue)
    counts = row.counts
    if counts.ready or counts.delayed or counts.running or counts.parked:
        raise QueueInUse
    if user := await tx.value(sql.find_user, queue=queue):
        raise QueueInUse(f"{user} sends jobs to this queue; delete or cancel that first.")
    return row


async def list_failed_jobs(
    ctx: Context, queue: str, cursor: str | None, limit: int
) -> Section[JobSummary]:
    """The dead letters of the queue, the last first.

    Raises: NotFound, Forbidden for a queue that is not the key's, ValidationFailed for a cursor of
    another list.
    """
    allow_queues(ctx.actor, [queue])
    of = {"list": "failed", "queue": queue}
    position = cursors.unsealed(ctx, of, cursor)
    failed_at, run_id = position.split(" ") if position else LAST
    async with ctx.transaction() as tx:
        await found(tx, queue)
        rows = await tx.all(
            sql.list_failed_jobs,
            FailedRow,
            queue=queue,
            failed_at=failed_at,
            run_id=run_id,
            limit=limit + 1,
        )
    place = rows[limit - 1].place if len(rows) > limit else None
    return cursors.section(ctx, [summary(row) for row in rows[:limit]], limit, of, place)


async def found(tx: Transaction, queue: str) -> Queue:
    """The queue.

    Raises: NotFound.
    """
    row = await tx.first(sql.get_queue, Queue, queue=queue, most=MOST_COUNTED)
    if row is None:
        raise NotFound("There is no such queue.")
    return row


async def wake(tx: Transaction, queue: str) -> None:
    """Have those who wait look at the queue again."""
    for row in await tx.all(sql.list_kinds, KindRow, queue=queue):
        ready(tx, tx.tenant, row.kind)


async def list_queue_events(
    ctx: Context, queue: str, cursor: str | None, limit: int
) -> Section[TenantEvent]:
    """What was done to the queue, newest first, also if it is gone.

    Raises: NotFound, ValidationFailed for a cursor of another list.
    """
    section = await feed.list_about(ctx, "queue", queue, cursor, limit)
    if not section.items:
        await get_queue(ctx, queue)
    return section
