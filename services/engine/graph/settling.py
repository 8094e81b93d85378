"""What follows when tasks have ended: others are free, opened or skipped, or the run ends."""

from typing import Any, Literal

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import Failure, Outcome, TaskCompleted, TaskOutcome
from services.engine import events
from services.engine.claim import ready
from services.engine.ending import cancel_children, end_run
from services.engine.graph import opening
from services.engine.graph.adding import NewTask, add_tasks, is_free
from services.engine.graph.forms import Ended
from services.engine.kind import Kinds

sql = load("graphs")


class Became(msgspec.Struct, frozen=True):
    """What became of a task because others have ended."""

    id: str
    became: Literal["skipped", "freed", "opened"]
    kind: str | None


class Openness(msgspec.Struct, frozen=True):
    """How much of a run is left."""

    kind: str
    open_tasks: int
    goes_on: bool
    ended: bool


class EndedTask(msgspec.Struct, frozen=True):
    """A task that the engine ended, and the run that it had waited for."""

    id: str
    child_id: str | None


class Error(msgspec.Struct, frozen=True):
    """Why a task failed."""

    error: Failure | None


async def add_graph(
    tx: Transaction,
    kinds: Kinds,
    run_id: str,
    tasks: list[NewTask],
    source_run: str | None = None,
) -> dict[str, str]:
    """Store the tasks of a new run and begin it; the new ids by key.

    Raises: InvalidGraph.
    """
    ids = await add_tasks(tx, run_id, tasks, source_run)
    copied = {task.key for task in tasks if task.copied}
    opened = [ids[task.key] for task in tasks if task.form and is_free(task, copied)]
    await settle(tx, kinds, run_id, [], opened)
    return ids


async def settle(
    tx: Transaction,
    kinds: Kinds,
    run_id: str,
    ended: list[Ended],
    opened: list[str] | None = None,
) -> None:
    """Let everything follow that follows from the ends of tasks, which are stored already.

    `opened` are tasks with a form whose turn it is. The run's lock is held. Each step is one
    statement, however many tasks it concerns; steps follow each other only along maps, waits and
    runs.
    """
    waiting = opened or []
    while ended or waiting:
        if ended:
            if await stops(tx, kinds, run_id, ended):
                return
            found = await follow(tx, run_id, ended)
            waiting += [one.id for one in found if one.became == "opened"]
        ended = await open_tasks(tx, kinds, run_id, waiting) if waiting else []
        waiting = []
    await end_if_over(tx, kinds, run_id)


async def follow(tx: Transaction, run_id: str, ended: list[Ended]) -> list[Became]:
    """What became of others; the skipped ones are told."""
    found = await tx.all(
        sql.settle_tasks,
        Became,
        run_id=run_id,
        ids=[one.id for one in ended],
        succeeded=[one.outcome == TaskOutcome.succeeded for one in ended],
    )
    skipped = TaskCompleted(status=TaskOutcome.skipped)
    lost = sorted(one.id for one in found if one.became == "skipped")
    await events.record_each(tx, run_id, [(task_id, skipped) for task_id in lost])
    for kind in {one.kind for one in found if one.became == "freed" and one.kind}:
        ready(tx, tx.tenant, kind)
    return found


async def stops(tx: Transaction, kinds: Kinds, run_id: str, ended: list[Ended]) -> bool:
    """End a run that does not go on after a failure."""
    failed = [one for one in ended if one.outcome == TaskOutcome.failed]
    if not failed:
        return False
    openness = await tx.one(sql.get_openness, Openness, run_id=run_id)
    if openness.goes_on:
        return False
    await end_run(tx, kinds, run_id, Outcome.failed, failed[0].error)
    return True


async def end_if_over(tx: Transaction, kinds: Kinds, run_id: str) -> None:
    """End a run of which nothing is open: it has failed if a failure was not taken care of."""
    openness = await tx.one(sql.get_openness, Openness, run_id=run_id)
    if openness.open_tasks or openness.ended:
        return
    unhandled = None
    if openness.goes_on:
        unhandled = await tx.first(sql.first_unhandled, Error, run_id=run_id)
    conclude = kinds[openness.kind].conclude
    failure = unhandled.error if unhandled else conclude and await conclude(tx, run_id)
    outcome = Outcome.failed if failure else Outcome.succeeded
    await end_run(tx, kinds, run_id, outcome, failure)


async def open_tasks(
    tx: Transaction, kinds: Kinds, run_id: str, task_ids: list[str]
) -> list[Ended]:
    """Open tasks with a form; those that have ended by it."""
    ended = await opening.open_tasks(tx, kinds, run_id, task_ids)
    return await store(tx, kinds, run_id, ended)


async def store(tx: Transaction, kinds: Kinds, run_id: str, ended: list[Ended]) -> list[Ended]:
    """Write the ends of tasks, and tell them; those that had not ended before."""
    fresh = {one.id: row(one) for one in ended if not one.stored}
    done = await tx.all(sql.end_tasks, EndedTask, run_id=run_id, ends=fresh) if fresh else []
    ids = {task.id for task in done} | {one.id for one in ended if one.stored}
    told = [one for one in ended if one.id in ids]
    await events.record_each(tx, run_id, [(one.id, one.payload) for one in told])
    await cancel_children(tx, kinds, [task.child_id for task in done if task.child_id])
    return [msgspec.structs.replace(one, stored=True) for one in told]


def row(ended: Ended) -> dict[str, Any]:
    """An end as the statement takes it."""
    return {
        "status": ended.outcome,
        "result": ended.result,
        "error": ended.error,
    }
