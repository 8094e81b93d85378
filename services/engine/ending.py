"""How runs end: with everything in them, once."""

from typing import Any

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import Failure, Outcome, RunCompleted, TaskCompleted, TaskOutcome
from services.engine import events, limits
from services.engine.claim import ready
from services.engine.kind import EndedRun, Kinds

sql = load("engine")
graph_sql = load("graphs")


class Cancelled(msgspec.Struct, frozen=True):
    """A task that ended with its run, and the run that it had waited for."""

    id: str
    child_id: str | None


class Woken(msgspec.Struct, frozen=True):
    """A task that waited and is free now."""

    kind: str


async def end_run(
    tx: Transaction, kinds: Kinds, run_id: str, outcome: Outcome, error: Failure | None
) -> bool:
    """End a live run, all of its tasks and their sub-runs; False if it had ended before.

    Runs are locked from the outermost inwards; the way back out is a hint to the task that waits,
    which takes no lock of its run.
    """
    ended = await tx.first(sql.end_run, EndedRun, run_id=run_id, status=outcome, error=error)
    if ended is None:
        return False
    cancelled = await tx.all(sql.cancel_tasks, Cancelled, run_id=run_id)
    if not ended.solo:
        status = TaskCompleted(status=TaskOutcome.cancelled)
        await events.record_each(tx, run_id, [(task.id, status) for task in cancelled])
        for child in sorted(task.child_id for task in cancelled if task.child_id):
            await end_run(tx, kinds, child, Outcome.cancelled, None)
    await kinds[ended.kind].ended(tx, ended, outcome, error)
    await events.record(tx, run_id, completed(outcome, error))
    if ended.solo:
        await limits.freed(tx, [run_id])
    if ended.parent_id:
        await wake(tx, ended.parent_id, ended.parent_task)
    return True


async def wake(tx: Transaction, run_id: str, task_id: str | None) -> None:
    """Free a task that waits. If its row is locked, it is ending, or will be found by a look."""
    for woken in await tx.all(graph_sql.wake_task, Woken, run_id=run_id, task_id=task_id):
        ready(tx, tx.tenant, woken.kind)


def completed(outcome: Outcome, error: Failure | None) -> RunCompleted:
    """The last event of a run."""
    fields: dict[str, Any] = {"error": error} if error else {}
    return RunCompleted(status=outcome, **fields)
