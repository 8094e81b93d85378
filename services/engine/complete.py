"""How tasks and runs end.

Successes are recorded many at a time (`finish`); failures one by one, in a transaction that holds
the run's lock.
"""

from typing import Any

import msgspec

from db.pool import Transaction, records
from db.queries import load
from generated.models import Outcome, RunAdvanced, TaskCompleted, TaskOutcome, TaskRetried
from services.context import new_id
from services.engine import events, limits
from services.engine.claim import LeaseLost, TaskRow, ready
from services.engine.ending import end_run, wake
from services.engine.graph.opening import Ended
from services.engine.graph.settling import end_if_over, settle
from services.engine.kind import Completion, Kinds
from services.engine.retry import TaskFailed, pause

sql = load("engine")
solo_sql = load("solo")


class Success(msgspec.Struct, frozen=True):
    """What a task came to."""

    task: TaskRow
    result: Any = None


class Finished(msgspec.Struct, frozen=True):
    """A task whose success has been recorded, how many of its run have not ended, what is next."""

    run_id: str
    task_id: str
    solo: bool
    open_tasks: int
    freed_kinds: list[str] | None
    opened: list[str] | None
    limited: bool = False
    parent_id: str | None = None
    parent_task: str | None = None


async def advance_run(tx: Transaction, run_id: str, before: str, status: str) -> None:
    """Move a run to its next phase; a run that is there already stays."""
    if await tx.run(sql.advance_run, run_id=run_id, before=before, status=status):
        await events.record(tx, run_id, RunAdvanced(status=status))


async def finish(tx: Transaction, kinds: Kinds, done: list[Success]) -> set[str]:
    """Record successes, unlock what waited for them, end runs with their last task.

    Returns the ids of the tasks that were still their worker's.
    """
    finished: list[Finished] = []
    for query, solo in ((solo_sql.finish_solo, True), (sql.finish_tasks, False)):
        if outcomes := [row(success) for success in done if success.task.solo == solo]:
            run_ids = list({success.task.run_id for success in done})
            finished += await tx.all(query, Finished, run_ids=run_ids, outcomes=records(outcomes))
    for one in finished:
        tx.hint("event", one.run_id)
        for freed in one.freed_kinds or ():
            ready(tx, tx.tenant, freed)
        if one.parent_id:
            await wake(tx, one.parent_id, one.parent_task)
    if places := [one.run_id for one in finished if one.limited]:
        await limits.freed(tx, places)
    for run_id, opened in sorted({f.run_id: f.opened for f in finished if f.opened}.items()):
        await settle(tx, kinds, run_id, [], opened)
    for run_id in sorted({f.run_id for f in finished if not f.open_tasks and not f.solo}):
        await end_if_over(tx, kinds, run_id)
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
    """Record a failure: wait and begin again, or settle what follows, perhaps the run's end."""
    if error.record:
        await error.record(tx)
    failure = error.failure
    delay = pause(error, task.attempt, task.max_attempts, task.options.retry)
    if delay is not None:
        ids = {"run_id": task.run_id, "task_id": task.id}
        await tx.run(sql.retry_task, error=failure, delay_seconds=delay, **ids)
        retried = TaskRetried(attempt=task.attempt, error=failure)
        await events.record(tx, task.run_id, retried, task_id=task.id)
        await limits.freed(tx, [task.run_id])
        return
    await tx.run(sql.fail_task, run_id=task.run_id, task_id=task.id, error=failure)
    if task.solo:
        await end_run(tx, kinds, task.run_id, Outcome.failed, failure)
        return
    failed = TaskCompleted(status=TaskOutcome.failed, error=failure)
    await events.record(tx, task.run_id, failed, task_id=task.id)
    ended = Ended(task.id, TaskOutcome.failed, error=failure)
    await settle(tx, kinds, task.run_id, [ended])
