"""What a worker says about jobs that it holds: how far they are, and what came of them.

A lease is a job's id and its token. Whoever has lost it or let go of it writes nothing any more.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from db.pool import Transaction, records
from db.queries import load
from generated.models import (
    AppendedJobLogs,
    AppendJobLogs,
    CompletedJob,
    CompletedJobs,
    CompleteJob,
    CompleteJobs,
    CompletionOutcome,
    FailJob,
    ItemError,
    JobCompletion,
    JobProgressed,
    JobReleased,
    JobState,
    JobStatus,
    NewLogLine,
    Progress,
    ReleaseJob,
    ReportProgress,
)
from services import job_kinds, kinds, results
from services.context import Actor, Context
from services.engine import events
from services.engine.claim import TaskRow, ready
from services.engine.complete import Success, fail_task, finish
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.errors import NotFound, PraziumError, StaleLease, ValidationFailed, invalid_fields
from services.job_changes import SPAN
from services.json_schemas import Budget, Checker
from services.keys import allow_queues
from services.new_jobs import KIND
from services.run_kinds import KINDS
from services.settings import Settings

sql = load("worker")

MOST_LINES = 10_000
"""An attempt's lines in a log."""
LEFT_OUT = "The attempt has written 10,000 lines; the rest is left out."

Lease = tuple[str, int]
"""A job's id and a token."""
Checkers = dict[str, Checker]


class Held(TaskRow, frozen=True):
    """A job's task under a lease that is held, with what counts when it ends."""

    queue: str
    cost_msat: int
    max_cost_msat: int | None
    log_from: int
    result_hash: str | None

    @property
    def name(self) -> str:
        """The job's kind."""
        return self.kind.removeprefix(f"{KIND}.")

    def over_budget(self, cost: int) -> TaskFailed | None:
        """Why there is no success and no further attempt if this one has cost so much."""
        total = self.cost_msat + cost
        if self.max_cost_msat is None or total <= self.max_cost_msat:
            return None
        message = f"It has cost {total} mSat; {self.max_cost_msat} were allowed."
        return TaskFailed("BUDGET_EXCEEDED", message)


class State(msgspec.Struct, frozen=True):
    """Where a job stands, and in which queue."""

    status: JobStatus
    queue: str


class Done(msgspec.Struct, frozen=True):
    """A job that has been done, what came of it and what it has cost."""

    job: Held
    completion: Completion
    cost: int


async def complete_job(ctx: Context, job_id: str, given: CompleteJob) -> JobState:
    """Record the result of a job.

    Raises: NotFound, StaleLease, Forbidden, ValidationFailed for a result that is not what the kind
    gives, StorageUnavailable.
    """
    result = value_of(given.result)
    completion = await results.completion(ctx, job_id, result)
    async with ctx.transaction() as tx:
        job = await hold(ctx, tx, job_id, given.lease_token)
        check_result(job, result, await checkers(tx, [job]), Budget())
        await complete(tx, [Done(job, completion, value_of(given.cost_msat) or 0)])
        return await state_of(tx, job_id)


async def complete_jobs(ctx: Context, given: CompleteJobs) -> CompletedJobs:
    """Record the results of many jobs; what is lost or refused keeps no other from being recorded.

    Raises: StorageUnavailable.
    """
    stored = [
        await results.completion(ctx, one.job_id, value_of(one.result)) for one in given.completions
    ]
    async with ctx.transaction() as tx:
        leases = [(one.job_id, one.lease_token) for one in given.completions]
        held = await hold_many(ctx, tx, leases)
        known, budget = await checkers(tx, list(held.values())), Budget()
        items, done = list[CompletedJob](), list[Done]()
        for lease, one, completion in zip(leases, given.completions, stored, strict=True):
            job = held.get(lease)
            items.append(judged(ctx.actor, one, job, known, budget))
            if job is not None and items[-1].outcome is CompletionOutcome.done:
                done.append(Done(held.pop(lease), completion, value_of(one.cost_msat) or 0))
            await budget.breathe()
        await complete(tx, done)
    return CompletedJobs(items=items)


def judged(
    actor: Actor, one: JobCompletion, job: Held | None, known: Checkers, budget: Budget
) -> CompletedJob:
    """What becomes of one completion of many."""
    job_id = one.job_id
    if job is None:
        return CompletedJob(job_id=job_id, outcome=CompletionOutcome.stale, error=None)
    try:
        allow_queues(actor, [job.queue])
        check_result(job, value_of(one.result), known, budget)
    except PraziumError as error:
        refused = ItemError(code=error.code, message=str(error)[:1000])
        if isinstance(error, ValidationFailed) and isinstance(error.details, list):
            refused.details = error.details
        return CompletedJob(job_id=job_id, outcome=CompletionOutcome.refused, error=refused)
    return CompletedJob(job_id=job_id, outcome=CompletionOutcome.done, error=None)


async def complete(tx: Transaction, done: list[Done]) -> None:
    """Record successes; one that has cost too much is a failure."""
    await add_costs(tx, {one.job.run_id: one.cost for one in done})
    within = [one for one in done if not one.job.over_budget(one.cost)]
    for one in within:
        if one.completion.record:
            await one.completion.record(tx)
    if within:
        await finish(tx, KINDS, [Success(one.job, one.completion.result) for one in within])
    for one in done:
        if (error := one.job.over_budget(one.cost)) is not None:
            await fail_task(tx, KINDS, one.job, error)


async def add_costs(tx: Transaction, costs: dict[str, int]) -> None:
    """Count what attempts have cost."""
    if any(costs.values()):
        await tx.run(sql.add_costs, job_ids=list(costs), costs=list(costs.values()))


async def checkers(tx: Transaction, jobs: list[Held]) -> Checkers:
    """What the kinds of jobs give, of those that say so, by their hashes."""
    hashes = {job.result_hash: job.name for job in jobs if job.result_hash}
    known = {found: kinds.COMPILED.get(found) for found in hashes}
    missing = [hashes[found] for found, checker in known.items() if checker is None]
    if missing:
        known |= await kinds.results(tx, missing)
    return {found: checker for found, checker in known.items() if checker is not None}


def check_result(job: Held, result: Any, known: Checkers, budget: Budget) -> None:
    """Hold a result against its kind.

    Raises: ValidationFailed with pointers below /result.
    """
    checker = known.get(job.result_hash or "")
    if checker is not None and (found := checker.errors(result, "/result", budget)):
        raise invalid_fields(found)


async def fail_job(ctx: Context, job_id: str, given: FailJob) -> JobState:
    """Record that an attempt failed; another follows if the failure and the job's policy allow it.

    Raises: NotFound, StaleLease, Forbidden.
    """
    failed = TaskFailed(
        given.error.code,
        given.error.message,
        retryable=given.retryable is not False,
        pause_s=value_of(given.retry_after_seconds),
    )
    cost = value_of(given.cost_msat) or 0
    async with ctx.transaction() as tx:
        job = await hold(ctx, tx, job_id, given.lease_token)
        await add_costs(tx, {job_id: cost})
        await fail_task(tx, KINDS, job, job.over_budget(cost) or failed)
        return await state_of(tx, job_id)


async def report_progress(ctx: Context, job_id: str, given: ReportProgress) -> JobState:
    """Note how far a job is.

    Raises: NotFound, StaleLease, Forbidden.
    """
    async with ctx.transaction() as tx:
        await hold(ctx, tx, job_id, given.lease_token)
        progress = Progress(percent=given.percent, message=given.message)
        await tx.run(sql.set_progress, job_id=job_id, progress=progress)
        progressed = JobProgressed(percent=given.percent, message=given.message)
        await events.record(tx, job_id, progressed)
    return JobState(id=job_id, status=JobStatus.running)


async def append_job_logs(ctx: Context, job_id: str, given: AppendJobLogs) -> AppendedJobLogs:
    """Write lines into a job's log, as many as its attempt may still write.

    Raises: NotFound, StaleLease, Forbidden.
    """
    async with ctx.transaction() as tx:
        job = await hold(ctx, tx, job_id, given.lease_token)
        first = job.log_from + (job.attempt - 1) * SPAN
        last = await tx.value(sql.last_line, job_id=job_id, after=first, until=first + SPAN)
        lines = numbered(given.lines, last or first, first + MOST_LINES)
        if lines:
            await tx.run(sql.add_lines, job_id=job_id, attempt=job.attempt, lines=records(lines))
    stored = sum(line["seq"] <= first + MOST_LINES for line in lines)
    return AppendedJobLogs(stored=stored, last_seq=lines[-1]["seq"] if lines else last)


def numbered(lines: list[NewLogLine], last: int, most: int) -> list[dict[str, Any]]:
    """Lines behind the last one, up to the most; the first that is too many says so, once."""
    kept = lines[: max(0, most - last)]
    rows = [
        {
            "seq": last + place,
            "level": value_of(line.level) or "info",
            "message": line.message,
            "at": value_of(line.at),
        }
        for place, line in enumerate(kept, 1)
    ]
    if len(kept) < len(lines) and last <= most:
        rows.append({"seq": most + 1, "level": "warning", "message": LEFT_OUT, "at": None})
    return rows


async def release_job(ctx: Context, job_id: str, given: ReleaseJob) -> JobState:
    """Hand a job back without having done it.

    Raises: NotFound, StaleLease, Forbidden.
    """
    async with ctx.transaction() as tx:
        job = await hold(ctx, tx, job_id, given.lease_token)
        delay_s = value_of(given.delay_seconds) or 0
        await release(tx, job, delay_s, interrupted=given.interrupted is True)
    return JobState(id=job_id, status=JobStatus.queued)


async def release(
    tx: Transaction, job: Held, delay_s: int = 0, *, interrupted: bool = False
) -> None:
    """Let a job that is held here be as if it had not been claimed.

    If it was `interrupted`, its `replay` decides whether anyone may work on it again.
    """
    lease = {"job_id": job.run_id, "task_id": job.id, "lease_token": job.lease_token}
    given = {"delay_seconds": delay_s, "interrupted": interrupted}
    if not await tx.run(sql.release_job, **lease, **given):
        return
    await events.record(tx, job.run_id, JobReleased(attempt=job.attempt))
    if not delay_s:
        ready(tx, tx.tenant, job.kind)


async def hold(ctx: Context, tx: Transaction, job_id: str, lease_token: int) -> Held:
    """The task of a job under this lease, locked.

    Raises: NotFound, StaleLease, Forbidden for a queue that is not the key's.
    """
    state = await tx.first(sql.get_state, State, job_id=job_id)
    if state is None:
        raise NotFound("There is no such job.")
    allow_queues(ctx.actor, [state.queue])
    lease = job_id, lease_token
    held = await hold_many(ctx, tx, [lease])
    if not held:
        raise StaleLease()
    return held[lease]


async def hold_many(ctx: Context, tx: Transaction, leases: Iterable[Lease]) -> dict[Lease, Held]:
    """The tasks of jobs, by their leases, of those that are held; locked."""
    given = list(leases)
    held = await tx.all(
        sql.hold_jobs,
        Held,
        job_ids=[job_id for job_id, _ in given],
        lease_tokens=[token for _, token in given],
        built_in=own_tasks(ctx.settings),
    )
    return {(job.run_id, job.lease_token): job for job in held}


async def state_of(tx: Transaction, job_id: str) -> JobState:
    """Where a job stands now."""
    state = await tx.one(sql.get_state, State, job_id=job_id)
    return JobState(id=job_id, status=state.status)


def value_of(value: Any) -> Any:
    """A field that may be absent."""
    return None if value is UNSET else value


def own_tasks(settings: Settings) -> list[str]:
    """The kinds of tasks that our own workers do; nobody else can say what came of them."""
    return [f"{KIND}.{name}" for name in job_kinds.own(settings)]
