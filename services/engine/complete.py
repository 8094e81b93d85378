"""How tasks and runs end.

Successes are recorded many at a time (`finish`); failures one by one, in a transaction that holds
the run's lock.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from db.pool import Transaction, records
from db.queries import load
from generated.models import (
    Failure,
    Outcome,
    RunAdvanced,
    RunCompleted,
    TaskCompleted,
    TaskRetried,
)
from services.context import new_id
from services.engine import events
from services.engine.claim import LeaseLost, TaskContext, TaskRow, ready
from services.engine.retry import Record, TaskFailed, pause

sql = load("engine")

TaskFunction = Callable[[TaskContext, TaskRow], Awaitable["Completion"]]


class Completion(msgspec.Struct, frozen=True):
    """What a task did, and what is to be written in the transaction that records it."""

    result: Any = None
    record: Record | None = None


class EndedRun(msgspec.Struct, frozen=True):
    """A run that has just ended."""

    id: str
    kind: str
    solo: bool
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of run contributes: its task functions, and what follows a run's end.

    Tasks of the kind may have names that have no function here: others do them.
    """

    functions: Mapping[str, TaskFunction]
    ended: Callable[[Transaction, EndedRun, Outcome, Failure | None], Awaitable[None]]


Kinds = Mapping[str, Kind]
"""By the first part of a task's kind: `build.code` is a task of a run of kind `build`."""


class Success(msgspec.Struct, frozen=True):
    """What a task came to."""

    task: TaskRow
    result: Any = None


class Finished(msgspec.Struct, frozen=True):
    """A task whose success has been recorded, and how many of its run have not ended."""

    run_id: str
    task_id: str
    solo: bool
    open_tasks: int
    freed_kinds: list[str] | None


class RowId(msgspec.Struct, frozen=True):
    """An id that a statement returned."""

    id: str


async def advance_run(tx: Transaction, run_id: str, before: str, status: str) -> None:
    """Move a run to its next phase; a run that is there already stays."""
    if await tx.run(sql.advance_run, run_id=run_id, before=before, status=status):
        await events.record(tx, run_id, RunAdvanced(status=status))


def kind_of(kinds: Kinds, task: TaskRow) -> Kind:
    """The kind of run that a task belongs to."""
    return kinds[task.kind.partition(".")[0]]


async def finish(tx: Transaction, kinds: Kinds, done: list[Success]) -> set[str]:
    """Record successes, unlock what waited for them, end runs with their last task.

    Returns the ids of the tasks that were still their worker's.
    """
    finished = await tx.all(sql.finish_tasks, Finished, outcomes=records([row(s) for s in done]))
    tasks = {success.task.run_id: success.task for success in done}
    for one in finished:
        tx.hint("event", one.run_id)
        for freed in one.freed_kinds or ():
            ready(tx, tx.tenant, freed)
    for run_id in sorted({f.run_id for f in finished if not f.open_tasks and not f.solo}):
        await end_run(tx, kind_of(kinds, tasks[run_id]), run_id, Outcome.succeeded, None)
    return {one.task_id for one in finished}


def row(success: Success) -> dict[str, Any]:
    """A success as the statement takes it."""
    task = success.task
    return {
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
    """Record a failure: wait and begin again, or end the run."""
    if error.record:
        await error.record(tx)
    failure = error.failure
    delay = pause(error, task.attempt, task.max_attempts, task.options.retry)
    if delay is not None:
        ids = {"run_id": task.run_id, "task_id": task.id}
        await tx.run(sql.retry_task, error=failure, delay_seconds=delay, **ids)
        retried = TaskRetried(attempt=task.attempt, error=failure)
        await events.record(tx, task.run_id, retried, task_id=task.id)
        return
    await tx.run(sql.fail_task, run_id=task.run_id, task_id=task.id, error=failure)
    if not task.solo:
        failed = TaskCompleted(status=Outcome.failed, error=failure)
        await events.record(tx, task.run_id, failed, task_id=task.id)
    await end_run(tx, kind_of(kinds, task), task.run_id, Outcome.failed, failure)


async def end_run(
    tx: Transaction, kind: Kind, run_id: str, outcome: Outcome, error: Failure | None
) -> bool:
    """End a live run and all of its tasks; False if it had ended before."""
    ended = await tx.first(sql.end_run, EndedRun, run_id=run_id, status=outcome, error=error)
    if ended is None:
        return False
    for task in await tx.all(sql.cancel_tasks, RowId, run_id=run_id):
        if not ended.solo:
            cancelled = TaskCompleted(status=Outcome.cancelled)
            await events.record(tx, run_id, cancelled, task_id=task.id)
    await kind.ended(tx, ended, outcome, error)
    await events.record(tx, run_id, completed(outcome, error))
    return True


def completed(outcome: Outcome, error: Failure | None) -> RunCompleted:
    """The last event of a run."""
    fields: dict[str, Any] = {"error": error} if error else {}
    return RunCompleted(status=outcome, **fields)
