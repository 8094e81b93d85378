"""Events: readers of the log that the engine writes."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import msgspec

from db.listen import wait
from db.pool import Transaction
from db.queries import Query, load
from generated.models import Event, EventType
from services.context import Context
from services.errors import NotFound, Unavailable, invalid
from services.runs import require_run

sql = load("events")

BATCH = 200
POLL_S = 1.0


class Progress(msgspec.Struct, frozen=True):
    """The number of a run's last event, and whether the run or the caller's key has ended."""

    last_seq: int
    ended: bool
    key_ended: bool


Look = Callable[[], Awaitable[Progress]]


async def list_events(
    ctx: Context,
    project_id: str,
    run_id: str,
    after: datetime | None,
    after_seq: int | None,
    type_: EventType | None,
    task_id: str | None,
    limit: int,
) -> list[Event]:
    """Events of the run that fit the filters, in order.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require_run(tx, project_id, run_id)
        return await events_of(
            tx, run_id, after=after, after_seq=after_seq, type_=type_, task_id=task_id, limit=limit
        )


async def events_of(
    tx: Transaction,
    run_id: str,
    *,
    after: datetime | None = None,
    after_seq: int | None = None,
    type_: EventType | None = None,
    task_id: str | None = None,
    limit: int,
) -> list[Event]:
    """Events of any run of the tenant that fit the filters, in order."""
    return await tx.all(
        sql.list_events,
        Event,
        run_id=run_id,
        after=after,
        after_seq=after_seq or 0,
        type=stored_type(type_) if type_ else None,
        task_id=task_id,
        limit=limit,
    )


async def stream_events(
    ctx: Context, project_id: str, run_id: str, last_event_id: str | None
) -> AsyncIterator[list[Event]] | None:
    """Batches of events as they happen, until the run has ended; None if there is nothing to come.

    An empty batch means that nothing happened within the poll floor.

    Raises: NotFound, ValidationFailed if `last_event_id` is in the future.
    """

    async def look() -> Progress:
        return await read_progress(ctx, sql.get_progress, run_id, project_id=project_id)

    return await streamed(ctx, run_id, last_event_id, look)


async def streamed(
    ctx: Context, run_id: str, last_event_id: str | None, look: Look
) -> AsyncIterator[list[Event]] | None:
    """What `stream_events` gives, of any run whose progress `look` tells.

    Raises: NotFound, ValidationFailed if `last_event_id` is in the future.
    """
    seq = int(last_event_id or 0)
    progress = await look()
    if seq > progress.last_seq:
        raise invalid("/Last-Event-ID", f"is in the future; the last event is {progress.last_seq}")
    if progress.ended and seq == progress.last_seq:
        return None
    return follow(ctx, run_id, seq, look)


async def follow(ctx: Context, run_id: str, seq: int, look: Look) -> AsyncIterator[list[Event]]:
    """Read after the cursor, wait for a hint or the poll floor, read again.

    A process that is ending ends its streams; the client resumes at another. A key that is revoked
    or has expired meanwhile ends them too, and so does who archives the project; the client then
    learns why. An outage of the database only delays them.
    """
    with ctx.app.hints.subscribe("event", run_id) as hint:
        while not ctx.app.draining.is_set():
            with contextlib.suppress(Unavailable):
                try:
                    progress = await look()
                except NotFound:  # its project was archived meanwhile
                    return
                if progress.key_ended:
                    return
                while seq < progress.last_seq:
                    async with ctx.transaction() as tx:
                        batch = await events_of(tx, run_id, after_seq=seq, limit=BATCH)
                    seq = batch[-1].seq
                    yield batch
                if progress.ended:
                    return
            yield []
            await wait(hint, POLL_S)


async def read_progress(ctx: Context, query: Query, run_id: str, **more: str) -> Progress:
    """How far a run's log is, by a query of its noun.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        progress = await tx.first(query, Progress, run_id=run_id, key_id=ctx.actor.subject, **more)
    if progress is None:
        raise NotFound("There is no such run.")
    return progress


def stored_type(channel: EventType) -> str:
    """`TASK_STARTED` → `task.started`."""
    return channel.value.replace("_", ".").lower()
