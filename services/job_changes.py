"""What changes jobs, one or many: steps of a transaction that create, cancel and requeue."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import CreatedJob, JobStatus
from services import dead_letters
from services.context import Context
from services.engine import lanes, limits
from services.engine.claim import ready
from services.engine.ending import cancel_solo, wake
from services.engine.enqueue import NewRun, enqueue
from services.errors import (
    ChangedMeanwhile,
    DeadlinePassed,
    DedupeKeyTaken,
    GraphHasJob,
    NotFound,
    PraziumError,
    WrongState,
)
from services.keys import allow_queues, queues_of

sql = load("jobs")

LIVE = [JobStatus.queued, JobStatus.running]
ENDED = [JobStatus.succeeded, JobStatus.failed, JobStatus.cancelled]
SPAN = 100_000
"""Numbers of lines that an attempt has for itself in the log of its job."""
CHUNK = 1000
"""So many jobs are queued in one statement."""


class CreatedRow(msgspec.Struct, frozen=True):
    """A job that was just asked for."""

    id: str
    status: JobStatus
    created_at: datetime


class IdRow(msgspec.Struct, frozen=True):
    """A job."""

    id: str


class ObstacleRow(msgspec.Struct, frozen=True):
    """What may be in the way of a change to a job."""

    queue: str
    status: JobStatus
    late: bool
    """Whether its deadline has passed."""
    graph_id: str | None
    """The graph that it is a task of."""
    rival_id: str | None
    """The live job that has its key."""


class QueuedRow(msgspec.Struct, frozen=True):
    """A job that is queued again, and its kind."""

    run_id: str
    kind: str


async def created(tx: Transaction, runs: Sequence[NewRun]) -> list[CreatedJob]:
    """Queue jobs; each as it stands, which may be one that had been there before."""
    ids = [
        job_id
        for first in range(0, len(runs), CHUNK)
        for job_id in await enqueue(tx, list(runs[first : first + CHUNK]))
    ]
    found = await tx.all(sql.list_created, CreatedRow, job_ids=ids) if ids else []
    rows = {row.id: row for row in found}
    return [
        CreatedJob(
            id=job_id,
            status=rows[job_id].status,
            deduplicated=job_id != run.id,
            created_at=rows[job_id].created_at,
        )
        for run, job_id in zip(runs, ids, strict=True)
    ]


async def cancel(
    ctx: Context, tx: Transaction, job_ids: list[str], statuses: Sequence[JobStatus] = LIVE
) -> int:
    """Cancel those of these jobs that have not ended and are in one of the states; how many."""
    held = await hold(ctx, tx, job_ids, [status for status in statuses if status in LIVE])
    for above in await cancel_solo(tx, held):
        await wake(tx, above.parent_id, above.parent_task)
    return len(held)


async def requeue(
    ctx: Context, tx: Transaction, job_ids: list[str], statuses: Sequence[JobStatus] = ENDED
) -> int:
    """Queue those of these jobs again that have ended, have time left and a free key; how many.

    Only those in one of the states; not those of graphs, as their graphs have gone on.
    Raises: TooManyQueues, TooManyLanes, if their queues were deleted and there are others now.
    """
    held = await hold(ctx, tx, job_ids, [status for status in statuses if status in ENDED])
    if not held:
        return 0
    event_ids = [ctx.new_id("evt") for _ in held]
    ids = {"job_ids": held, "event_ids": event_ids}
    queued = await tx.all(sql.requeue_jobs, QueuedRow, span=SPAN, **ids)
    await lanes.restore(tx, [row.run_id for row in queued])
    await dead_letters.remove(tx, held)
    limits.noted(tx)
    for kind in {row.kind for row in queued}:
        ready(tx, tx.tenant, kind)
    for row in queued:
        tx.hint("event", row.run_id)
    return len(queued)


async def hold(
    ctx: Context, tx: Transaction, job_ids: list[str], statuses: Sequence[JobStatus]
) -> list[str]:
    """Lock those of these jobs that are in one of the states, and in a queue of the key."""
    given = {"job_ids": job_ids, "statuses": list(statuses), "queues": queues_of(ctx.actor)}
    return [row.id for row in await tx.all(sql.hold_jobs, IdRow, **given)]


async def refusal(
    ctx: Context, tx: Transaction, job_id: str, allowed: Sequence[JobStatus]
) -> PraziumError:
    """Why a job could not be changed that must be in one of these states.

    Raises: Forbidden for a queue that is not the key's.
    """
    found = await tx.first(sql.get_obstacle, ObstacleRow, job_id=job_id)
    if found is None:
        return NotFound("There is no such job.")
    allow_queues(ctx.actor, [found.queue])
    if found.status not in allowed:
        return WrongState("job", found.status, [str(state) for state in allowed])
    if found.graph_id is not None:
        return GraphHasJob(found.status, found.graph_id)
    if found.rival_id is not None:
        return DedupeKeyTaken(found.status, found.rival_id)
    return DeadlinePassed() if found.late else ChangedMeanwhile()
