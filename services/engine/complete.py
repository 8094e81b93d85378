"""How tasks and runs end.

Successes are recorded many at a time (`finish`); failures one by one, in a transaction that holds
the run's lock.
"""

from time import monotonic
from typing import Any

import msgspec

from db.pool import Transaction, id_array, jsonb
from db.queries import load
from generated.models import Outcome, RunAdvanced, TaskCompleted, TaskOutcome, TaskRetried
from services.context import new_id
from services.engine import events, limits
from services.engine.claim import Begun, LeaseLost, TaskRow, by_run, ready
from services.engine.ending import end_run, wake
from services.engine.graph.forms import Ended
from services.engine.graph.settling import end_if_over, settle
from services.engine.kind import Completion, Kinds
from services.engine.retry import TaskFailed, pause

sql = load("engine")
solo_sql = load("solo")


class Success(msgspec.Struct, frozen=True):
    """What a task came to, and whether its worker may go on with one that follows it.

    `since` is when it was claimed, by the clock of this process.
    """

    task: TaskRow
    result: Any = None
    goes_on: bool = False
    since: float | None = None


class Taker(msgspec.Struct, frozen=True):
    """A worker that goes on with what follows, as far as it is of these kinds and queues."""

    worker: str
    kinds: list[str]
    queues: list[str] | None
    lease_s: float


NOBODY = Taker("", [], None, 0.0)


class Finished(msgspec.Struct, frozen=True):
    """A task whose success has been recorded, how many of its run have not ended, what is next.

    `next` are tasks that the worker goes on with; what is next is told once for each run.
    """

    run_id: str
    task_id: str
    solo: bool = True
    open_tasks: int = 0
    freed_kinds: list[str] | None = None
    opened: list[str] | None = None
    next: list[Begun] | None = None
    limited: bool = False
    parent_id: str | None = None
    parent_task: str | None = None


async def advance_run(tx: Transaction, run_id: str, before: str, status: str) -> None:
    """Move a run to its next phase; a run that is there already stays."""
    if await tx.run(sql.advance_run, run_id=run_id, before=before, status=status):
        await events.record(tx, run_id, RunAdvanced(status=status))


async def finish(
    tx: Transaction, kinds: Kinds, done: list[Success], taker: Taker | None = None
) -> list[Finished]:
    """Record successes, unlock what waited for them, end runs with their last task.

    Returns those of the tasks that were still their worker's.
    """
    finished = await record_successes(tx, done, taker)
    for one in finished:
        tx.hint("event", one.run_id)
        for freed in one.freed_kinds or ():
            ready(tx, tx.tenant, freed)
        if one.parent_id:
            await wake(tx, one.parent_id, one.parent_task)
    if places := [one for one in finished if one.limited]:
        in_graphs = [one.task_id for one in places if not one.solo]
        await limits.freed(tx, {one.run_id for one in places}, in_graphs)
    for run_id, opened in sorted({f.run_id: f.opened for f in finished if f.opened}.items()):
        await settle(tx, kinds, run_id, [], opened)
    for run_id in sorted({f.run_id for f in finished if not f.open_tasks and not f.solo}):
        await end_if_over(tx, kinds, run_id)
    return finished


async def record_successes(
    tx: Transaction, done: list[Success], taker: Taker | None
) -> list[Finished]:
    """Record successes, in one statement for solo runs and one for tasks of graphs."""
    finished: list[Finished] = []
    by_token = sorted(done, key=lambda one: one.task.lease_token)  # of two attempts the last counts
    if solo := {one.task.run_id: ending(one) for one in by_token if one.task.solo}:
        finished += await tx.all(
            solo_sql.finish_solo, Finished, run_ids=id_array(solo), outcomes=jsonb(solo)
        )
    if others := [(n, one) for n, one in enumerate(by_token) if not one.task.solo]:
        outcomes = by_run(with_next(others))
        given = msgspec.structs.asdict(taker or NOBODY) | {"outcomes": outcomes}
        finished += await tx.all(sql.finish_tasks, Finished, **given)
    return finished


def ending(success: Success) -> dict[str, Any]:
    """The end of a solo run as the statement takes it, with its start should it be missing."""
    task = success.task
    return {
        "task_id": task.id,
        "slug": task.slug,
        "attempt": task.attempt,
        "lease_token": task.lease_token,
        "request_id": task.request_id,
        "trace_id": task.traceparent and task.traceparent[3:35],
        "seconds": monotonic() - success.since if success.since else 0.0,
        "start_event_id": new_id("evt"),
        "event_id": new_id("evt"),
        "result": success.result,
    }


def with_next(successes: list[tuple[int, Success]]) -> list[dict[str, Any]]:
    """Rows of successes; the events of what follows have later ids than those of all ends."""
    rows = [row(n, success) for n, success in successes]
    for one, (_, success) in zip(rows, successes, strict=True):
        one["next_event_id"] = new_id("evt") if success.goes_on else None
    return rows


def row(n: int, success: Success) -> dict[str, Any]:
    """The n-th success, of a graph's task, as the statement takes it."""
    task = success.task
    return {
        "n": n,
        "run_id": task.run_id,
        "task_id": task.id,
        "lease_token": task.lease_token,
        "event_id": new_id("evt"),
        "result": success.result,
    }


async def complete_task(tx: Transaction, kinds: Kinds, task: TaskRow, done: Completion) -> None:
    """Record a success together with what its function wants written.

    Raises: LeaseLost.
    """
    if done.record:
        await done.record(tx)
    if not await finish(tx, kinds, [Success(task, done.result)]):
        raise LeaseLost(task.id)


async def fail_task(tx: Transaction, kinds: Kinds, task: TaskRow, error: TaskFailed) -> None:
    """Record a failure: wait and begin again, or settle what follows, perhaps the run's end."""
    if error.record:
        await error.record(tx)
    failure = error.failure
    ids = {"run_id": task.run_id, "task_id": task.id}
    delay = pause(error, task.attempt, task.max_attempts, task.options.retry)
    if delay is not None:
        then = await tx.value(sql.retry_task, error=failure, delay_seconds=delay, **ids)
        retried = TaskRetried(attempt=task.attempt, error=failure, next_attempt_at=then)
        await events.record(tx, task.run_id, retried, task_id=task.id)
        await limits.freed(tx, [task.run_id], [] if task.solo else [task.id])
        return
    await tx.run(sql.fail_task, error=failure, attempt=task.attempt, **ids)
    if task.solo:
        await end_run(tx, kinds, task.run_id, Outcome.failed, failure)
        return
    failed = TaskCompleted(status=TaskOutcome.failed, error=failure)
    await events.record(tx, task.run_id, failed, task_id=task.id)
    ended = Ended(task.id, TaskOutcome.failed, error=failure)
    await settle(tx, kinds, task.run_id, [ended])
    await limits.freed(tx, [task.run_id], [task.id])
