"""How tasks and runs end. Every function here runs in a transaction that holds the run's lock."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import (
    Failure,
    Outcome,
    RunAdvanced,
    RunCompleted,
    TaskCompleted,
    TaskResult,
    TaskRetried,
)
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.retry import Record, TaskFailed, backoff

sql = load("engine")

TaskFunction = Callable[[TaskContext, TaskRow], Awaitable["Completion"]]


class Completion(msgspec.Struct, frozen=True):
    """What a task did, and what is to be written in the transaction that records it."""

    result: TaskResult | None = None
    record: Record | None = None


class EndedRun(msgspec.Struct, frozen=True):
    """A run that has just ended."""

    id: str
    kind: str
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of run contributes: its task functions, and what follows a run's end."""

    functions: Mapping[str, TaskFunction]
    ended: Callable[[Transaction, EndedRun, Outcome, Failure | None], Awaitable[None]]


class RowId(msgspec.Struct, frozen=True):
    """An id that a statement returned."""

    id: str


async def advance_run(tx: Transaction, run_id: str, before: str, status: str) -> None:
    """Move a run to its next phase; a run that is there already stays."""
    if await tx.run(sql.advance_run, run_id=run_id, before=before, status=status):
        await events.record(tx, run_id, RunAdvanced(status=status))


async def complete_task(tx: Transaction, kind: Kind, task: TaskRow, done: Completion) -> None:
    """Record a success, unlock what waited for it, and end the run with its last task."""
    if done.record:
        await done.record(tx)
    await tx.run(sql.complete_task, task_id=task.id, result=done.result)
    await events.record(tx, task.run_id, TaskCompleted(status=Outcome.succeeded), task_id=task.id)
    tx.hint("ready", "all")
    if await tx.value(sql.count_unfinished, run_id=task.run_id) == 0:
        await end_run(tx, kind, task.run_id, Outcome.succeeded, None)


async def fail_task(tx: Transaction, kind: Kind, task: TaskRow, error: TaskFailed) -> None:
    """Record a failure: wait and begin again, or end the run."""
    if error.record:
        await error.record(tx)
    failure = error.failure
    if error.retryable and task.attempt < task.max_attempts:
        delay = backoff(task.attempt)
        await tx.run(sql.retry_task, task_id=task.id, error=failure, delay_seconds=delay)
        retried = TaskRetried(attempt=task.attempt, error=failure)
        await events.record(tx, task.run_id, retried, task_id=task.id)
        return
    await tx.run(sql.fail_task, task_id=task.id, error=failure)
    failed = TaskCompleted(status=Outcome.failed, error=failure)
    await events.record(tx, task.run_id, failed, task_id=task.id)
    await end_run(tx, kind, task.run_id, Outcome.failed, failure)


async def end_run(
    tx: Transaction, kind: Kind, run_id: str, outcome: Outcome, error: Failure | None
) -> bool:
    """End a live run and all of its tasks; False if it had ended before."""
    ended = await tx.first(sql.end_run, EndedRun, run_id=run_id, status=outcome, error=error)
    if ended is None:
        return False
    for task in await tx.all(sql.cancel_tasks, RowId, run_id=run_id):
        cancelled = TaskCompleted(status=Outcome.cancelled)
        await events.record(tx, run_id, cancelled, task_id=task.id)
    await kind.ended(tx, ended, outcome, error)
    await events.record(tx, run_id, completed(outcome, error))
    return True


def completed(outcome: Outcome, error: Failure | None) -> RunCompleted:
    """The last event of a run."""
    fields: dict[str, Any] = {"error": error} if error else {}
    return RunCompleted(status=outcome, **fields)
