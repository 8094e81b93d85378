"""How runs end: with everything in them, once."""

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import Failure, Outcome, RunCompleted, TaskCompleted, TaskOutcome
from services.context import new_id
from services.engine import events, limits
from services.engine.claim import ready
from services.engine.kind import EndedRun, Kinds

sql = load("engine")
graph_sql = load("graphs")
solo_sql = load("solo")


class Cancelled(msgspec.Struct, frozen=True):
    """A task that ended with its run, and the run that it had waited for."""

    id: str
    child_id: str | None


class Above(msgspec.Struct, frozen=True):
    """A task of another run that waits for one."""

    parent_id: str
    parent_task: str | None


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
        await cancel_children(tx, kinds, [task.child_id for task in cancelled if task.child_id])
    await follow(tx, kinds, ended, outcome, error)
    await events.record(tx, run_id, completed(outcome, error))
    if ended.solo:
        await limits.freed(tx, [run_id])
    if ended.parent_id:
        await wake(tx, ended.parent_id, ended.parent_task)
    return True


async def follow(
    tx: Transaction, kinds: Kinds, run: EndedRun, outcome: Outcome, error: Failure | None
) -> None:
    """Do what follows the end of a run of its kind."""
    if (ended := kinds[run.kind].ended) is not None:
        await ended(tx, run, outcome, error)


async def cancel_children(tx: Transaction, kinds: Kinds, run_ids: list[str]) -> None:
    """End those of these runs that are live, now that the tasks that waited for them have ended."""
    held = await tx.all(sql.hold_runs, EndedRun, run_ids=run_ids) if run_ids else []
    await cancel_solo(tx, [run.id for run in held if run.solo])
    for run in held:
        if run.solo:
            await follow(tx, kinds, run, Outcome.cancelled, None)
        else:
            await end_run(tx, kinds, run.id, Outcome.cancelled, None)


async def cancel_solo(tx: Transaction, run_ids: list[str]) -> list[Above]:
    """End solo runs that are live and locked, in one statement; which tasks wait for them."""
    if not run_ids:
        return []
    event_ids = [new_id("evt") for _ in run_ids]
    above = await tx.all(solo_sql.cancel_solo, Above, run_ids=run_ids, event_ids=event_ids)
    await limits.freed(tx, run_ids)
    for run_id in run_ids:
        tx.hint("event", run_id)
    return above


async def wake(tx: Transaction, run_id: str, task_id: str | None) -> None:
    """Free a task that waits. If its row is locked, it is ending, or will be found by a look."""
    for woken in await tx.all(graph_sql.wake_task, Woken, run_id=run_id, task_id=task_id):
        ready(tx, tx.tenant, woken.kind)


def completed(outcome: Outcome, error: Failure | None) -> RunCompleted:
    """The last event of a run."""
    return RunCompleted(status=outcome, error=error or msgspec.UNSET)
