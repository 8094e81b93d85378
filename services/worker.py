"""The tenant's own workers: they claim jobs, and keep them as long as they work on them."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from db.pool import Transaction
from db.queries import load
from generated.models import (
    ClaimedJob,
    ClaimedJobs,
    ClaimJobs,
    ExtendedLease,
    ExtendedLeases,
    ExtendLeases,
    JobLease,
    LeaseState,
)
from services import kinds
from services.context import App, Context, system_transaction
from services.engine import claim
from services.engine.claim import Lease, TaskRow
from services.engine.complete import fail_task
from services.engine.lanes import Heads
from services.errors import Unavailable
from services.idempotency import aside
from services.keys import allow_queues, queues_of, require_live
from services.new_jobs import KIND, JobOptions
from services.run_kinds import KINDS
from services.worker_jobs import hold_many, own_tasks, release

sql = load("worker")

POLL_S = 1.0
TENANTS = 1000
"""So many tenants' heads are kept."""


class TenantHeads:
    """Where the free tasks of each tenant begin, of those that asked last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Heads] = OrderedDict()

    def of(self, tenant_id: str) -> Heads:
        """The tenant's; new ones begin at the beginning."""
        heads = self._kept.setdefault(tenant_id, Heads())
        self._kept.move_to_end(tenant_id)
        if len(self._kept) > TENANTS:
            self._kept.popitem(last=False)
        return heads

    async def close(self) -> None:
        """They are of no use to another process."""
        self._kept.clear()


class Described(msgspec.Struct, frozen=True):
    """What a worker is to know of a job beside its task."""

    run_id: str
    queue: str
    tags: list[str]
    options: JobOptions
    lease_until: datetime


async def claim_jobs(ctx: Context, wanted: ClaimJobs) -> ClaimedJobs:
    """Jobs for a worker, as soon as there is one or empty when its patience ends.

    Whoever has gone away gets none, and what was claimed for them is given back.

    Raises: Forbidden for a queue that is not the key's, or for a kind of Prazium's own.
    """
    allow_queues(ctx.actor, wanted.queues)
    for kind in wanted.kinds:
        kinds.refuse_own(ctx, kind)
    worker_id = ctx.new_id("wrk") if wanted.worker_id is UNSET else wanted.worker_id
    assert isinstance(worker_id, str)
    await see(ctx, worker_id, wanted)
    if not isinstance(wanted.holds, UnsetType):
        await free_others(ctx, worker_id, wanted, wanted.holds)
    return ClaimedJobs(worker_id=worker_id, jobs=await waited(ctx, worker_id, wanted))


async def see(ctx: Context, worker_id: str, wanted: ClaimJobs) -> None:
    """Note who asks. No read shows it, so what is kept of reads stays good."""
    name = None if isinstance(wanted.name, UnsetType) else wanted.name
    async with aside(ctx) as tx:
        await tx.run(
            sql.see_worker,
            worker_id=worker_id,
            name=name,
            kinds=wanted.kinds,
            queues=wanted.queues,
            slots=wanted.limit or 1,
        )


async def free_others(ctx: Context, worker_id: str, wanted: ClaimJobs, known: list[str]) -> None:
    """Give back what a worker holds without knowing: the answer to its claim was lost."""
    async with ctx.transaction(at_once=True) as tx:
        others = await tx.all(sql.list_others, JobLease, worker_id=worker_id, job_ids=known)
        leases = [(one.job_id, one.lease_token) for one in others]
        for job in (await hold_many(ctx, tx, leases)).values():
            if job.queue in wanted.queues:
                await release(tx, job)


async def waited(ctx: Context, worker_id: str, wanted: ClaimJobs) -> list[ClaimedJob]:
    """Claim, again at every hint and at the poll floor, until there is something.

    Raises: Unauthorized if the key ends meanwhile.
    """
    keys = [f"{ctx.actor.tenant_id}/{KIND}.{kind}" for kind in wanted.kinds]
    patience_ends = time.monotonic() + (wanted.wait_seconds or 0)
    left, again = ctx.left or asyncio.Event(), False
    with ctx.app.hints.subscribe("ready", *keys) as hint:
        while not (ctx.app.draining.is_set() or left.is_set()):
            hint.clear()
            if jobs := await claimed(ctx, worker_id, wanted, again=again):
                return jobs
            left_s = patience_ends - time.monotonic()
            if left_s <= 0:
                break
            await first_of((hint, ctx.app.draining, left), min(left_s, POLL_S))
            again = True
    return []


async def first_of(events: Iterable[asyncio.Event], seconds: float) -> None:
    """Wait for the first of the events, but not longer."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def claimed(
    ctx: Context, worker_id: str, wanted: ClaimJobs, *, again: bool
) -> list[ClaimedJob]:
    """What there is now, begun. A claim waits for no lock, so it has a transaction of its own.

    Raises: Unavailable; what was claimed is given back then, or its lease runs out. Unauthorized if
    the key has ended while this was waiting to ask `again`.
    """
    heads = ctx.app.opened.get(TenantHeads, TenantHeads).of(ctx.actor.tenant_id)
    async with aside(ctx) as tx:
        if again:
            await require_live(tx, ctx.actor)
        leases = await claim.claim(
            tx,
            heads,
            worker_id=worker_id,
            kinds=[f"{KIND}.{kind}" for kind in wanted.kinds],
            slots=wanted.limit or 1,
            lease_seconds=wanted.lease_seconds or 30,
            queues=wanted.queues,
        )
    ctx.app.metrics.claims["taken" if leases else "empty"] += 1
    if not leases:
        return []
    try:
        return await begun(ctx, leases)
    except Unavailable:
        with suppress(Unavailable):
            async with ctx.transaction(at_once=True) as tx:
                await claim.give_back(tx, leases)
        raise


async def begun(ctx: Context, leases: list[Lease]) -> list[ClaimedJob]:
    """Begin what was claimed: the jobs that are to be done, if there is anyone left to do them.

    The most urgent comes first, as whoever has claimed many may do them in turn.
    """
    async with ctx.transaction(at_once=True) as tx:
        tasks = await to_be_done(tx, await claim.begin(tx, leases))
        found = await tx.all(sql.describe_jobs, Described, job_ids=[t.run_id for t in tasks])
    about = {one.run_id: one for one in found}
    numbers = {lease.run_id: lease.n for lease in leases}
    tasks.sort(key=lambda task: (-about[task.run_id].options.priority, numbers[task.run_id]))
    if ctx.left and ctx.left.is_set() and not ctx.claim:  # with a key, the answer is kept
        await give_back(ctx, tasks)
        return []
    return [claimed_job(task, about[task.run_id]) for task in tasks]


async def to_be_done(tx: Transaction, begun: Sequence[TaskRow]) -> list[TaskRow]:
    """Fail those that must not be worked on; the others."""
    for task in begun:
        if (refusal := task.refusal) is not None:
            await fail_task(tx, KINDS, task, refusal)
    return [task for task in begun if task.refusal is None]


async def give_back(ctx: Context, tasks: list[TaskRow]) -> None:
    """Nobody is there any more for whom these were begun; what has ended since, stays so."""
    async with ctx.transaction(at_once=True) as tx:
        leases = [(task.run_id, task.lease_token) for task in tasks]
        for job in (await hold_many(ctx, tx, leases)).values():
            await release(tx, job)


def claimed_job(task: TaskRow, about: Described) -> ClaimedJob:
    """A job as its worker sees it; its input goes out as it is stored, unread."""
    given: Any = task.definition
    return ClaimedJob(
        job_id=task.run_id,
        lease_token=task.lease_token,
        lease_until=about.lease_until,
        kind=task.kind.removeprefix(f"{KIND}."),
        queue=about.queue,
        input=given,
        attempt=task.attempt,
        max_attempts=task.max_attempts,
        idempotency_token=task.id,
        timeout_seconds=about.options.timeout_seconds,
        deadline=about.options.deadline,
        tags=about.tags,
        metadata=about.options.metadata,
        traceparent=task.traceparent,
    )


async def extend_leases(ctx: Context, working: ExtendLeases) -> ExtendedLeases:
    """Keep what a worker works on; what it does not hold any more, it is told."""
    queues = queues_of(ctx.actor)
    async with aside(ctx) as tx:
        leases = await tx.all(
            sql.extend_leases,
            ExtendedLease,
            job_ids=[lease.job_id for lease in working.leases],
            lease_tokens=[lease.lease_token for lease in working.leases],
            lease_seconds=working.lease_seconds or 30,
            queues=queues,
            built_in=own_tasks(ctx.settings),
        )
        lost = sum(lease.state == LeaseState.lost for lease in leases)
        await tx.run(sql.hear_worker, worker_id=working.worker_id, lost=lost)
    return ExtendedLeases(leases=leases)


async def forget(app: App) -> None:
    """Forget workers that have not been heard of for a day."""
    async with system_transaction(app) as tx:
        await tx.run(sql.forget_workers)
