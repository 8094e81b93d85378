"""Tasks with a form are opened by the engine: maps, waits and sub-runs."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec

from db.pool import Transaction, records
from db.queries import load
from generated.models import TaskOutcome, TaskWaiting, WaitReason
from services.engine import events
from services.engine.graph.forms import (
    Ended,
    Opened,
    Opening,
    Rest,
    RunDefinition,
    WaitDefinition,
)
from services.engine.graph.mapping import MOST_MAP_BYTES, expand, proceed, resume
from services.engine.kind import Child, Kinds, Starting
from services.engine.references import Budget
from services.engine.retry import TaskFailed

sql = load("graphs")
encode = msgspec.json.encode

DEEPEST = 5
"""So many graphs can be in each other, the outermost counted; jobs may be in the innermost."""
LOOK_AGAIN_S = 60.0
"""A task that waits for a run looks so often itself, should its wake-up have been lost."""
MOST_OPENED = 50
"""So many are read at once, each with the results that it refers to."""


class Parked(msgspec.Struct, frozen=True):
    """A task that rests, until a time perhaps."""

    id: str
    until: datetime | None


class Heard(msgspec.Struct, frozen=True):
    """A signal that had come before its task waited."""

    id: str
    payload: Any


class RunRow(msgspec.Struct, frozen=True):
    """A run that has ended."""

    id: str


async def open_tasks(
    tx: Transaction, kinds: Kinds, run_id: str, task_ids: list[str]
) -> list[Ended]:
    """Open them, and the items of maps that are sub-runs; those that have ended at once."""
    found = Opening()
    waiting = task_ids
    while waiting:
        some, waiting = waiting[:MOST_OPENED], waiting[MOST_OPENED:]
        which = {"run_id": run_id, "ids": some, "map_bytes": MOST_MAP_BYTES}
        for task in await tx.all(sql.list_opened, Opened, **which):
            try:
                await open_task(tx, run_id, task, found)
            except TaskFailed as error:
                found.fail(task, error)
        waiting, found.items = waiting + found.items, []
    await start_runs(tx, kinds, run_id, found)
    if found.resting:
        await park(tx, run_id, found.resting)
    return found.ended


async def open_task(tx: Transaction, run_id: str, task: Opened, found: Opening) -> None:
    """Open one.

    Raises: TaskFailed.
    """
    if task.status == "waiting":
        await proceed(tx, run_id, task, found)
    elif task.expanded:
        await resume(tx, run_id, task, found)
    elif task.form == "map":
        await expand(tx, run_id, task, found)
    elif task.form == "wait":
        await begin_wait(tx, run_id, task, found)
    else:
        given = run_of(task)
        found.budget.spend(given.input)
        found.runs.append((task, given))


async def begin_wait(tx: Transaction, run_id: str, task: Opened, found: Opening) -> None:
    """Let a task wait, unless the signal that it waits for has come before it."""
    given = msgspec.convert(task.resolved(), WaitDefinition)
    if given.reason == "signal":
        heard = await tx.first(sql.take_signal, Heard, run_id=run_id, name=given.name)
        if heard:
            succeeded = TaskOutcome.succeeded
            found.ended.append(Ended(task.id, succeeded, result=heard.payload, stored=False))
            return
    waiting = TaskWaiting(
        slug=task.slug, reason=WaitReason(given.reason), name=given.name or msgspec.UNSET
    )
    found.resting.append(Rest(task, waiting, at=given.at, seconds=given.seconds))


def run_of(task: Opened) -> RunDefinition:
    """The run that a task stands for.

    Raises: TaskFailed if its input is too large, or it would be too deep in others.
    """
    given = msgspec.convert(task.resolved(), RunDefinition)
    Budget().spend(given.input)
    if task.depth >= DEEPEST:
        raise TaskFailed("TOO_DEEP", f"Runs can be {DEEPEST} deep in each other.")
    return given


async def start_runs(tx: Transaction, kinds: Kinds, run_id: str, found: Opening) -> None:
    """Start the runs that tasks stand for, those of each kind together."""
    by_kind: defaultdict[str, list[tuple[Opened, Child]]] = defaultdict(list)
    for task, given in found.runs:
        child = Child(given.input, run_id, task.id, task.depth + 1)
        by_kind[given.kind].append((task, child))
    started: list[tuple[Opened, str]] = []
    for kind, wanted in by_kind.items():
        begun = await starter_of(kinds, kind)(tx, kinds, [child for _, child in wanted])
        for (task, _), child_id in zip(wanted, begun, strict=True):
            if isinstance(child_id, TaskFailed):
                found.fail(task, child_id)
            else:
                started.append((task, child_id))
    if started:
        found.resting += await at_rest(tx, started)


def starter_of(kinds: Kinds, kind: str) -> Starting:
    """What starts runs of a kind, or says that nobody can."""
    start = kinds[kind].start if kind in kinds else None
    return start or nobody


async def nobody(tx: Transaction, kinds: Kinds, children: list[Child]) -> list[str | TaskFailed]:
    """Start none of them."""
    error = TaskFailed("NO_SUB_RUN", "A run of this kind cannot be started by a task.")
    return [error for _ in children]


async def at_rest(tx: Transaction, started: list[tuple[Opened, str]]) -> list[Rest]:
    """Tasks that wait for their runs; not at all for those with nothing to do, or all in vain."""
    ids = [child_id for _, child_id in started]
    over = {row.id for row in await tx.all(sql.list_over, RunRow, run_ids=ids)}
    return [
        Rest(
            task,
            TaskWaiting(slug=task.slug, reason=WaitReason.run, run_id=child_id),
            seconds=0 if child_id in over else LOOK_AGAIN_S,
            child_id=child_id,
        )
        for task, child_id in started
    ]


async def park(tx: Transaction, run_id: str, resting: list[Rest]) -> None:
    """Let tasks rest, and tell it."""
    rows = await tx.all(
        sql.park_tasks, Parked, run_id=run_id, tasks=records([rest.row() for rest in resting])
    )
    until = {row.id: row.until for row in rows}
    for rest in resting:
        if rest.told.reason != WaitReason.run and until.get(rest.task.id):
            rest.told.until = until[rest.task.id] or msgspec.UNSET
    await events.record_each(tx, run_id, [(rest.task.id, rest.told) for rest in resting])
