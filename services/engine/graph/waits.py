"""Tasks that wait: what ends their waiting, from inside and from outside."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import Failure, Outcome, TaskOutcome
from services.context import Context
from services.engine.claim import LeaseLost, TaskContext, TaskRow
from services.engine.graph.forms import Ended, WaitDefinition
from services.engine.graph.opening import LOOK_AGAIN_S
from services.engine.graph.settling import settle, store
from services.engine.kind import Completion, Kinds, TaskFunction
from services.engine.retry import TaskFailed

sql = load("graphs")

WAIT, RUN, MAP = "engine.wait", "engine.run", "engine.map"
"""The kinds of tasks with a form; a worker gets those whose time is over or whose run has ended."""
KINDS = frozenset({WAIT, RUN})
"""Those that the engine itself ends, in a moment."""


class ChildRow(msgspec.Struct, frozen=True):
    """How a sub-run ended, if it has."""

    status: str
    kind: str
    output: Any
    output_blob: str | None
    output_size: int | None
    error: Failure | None
    ended: bool


async def end_wait(ctx: TaskContext, task: TaskRow) -> Completion:
    """The time is over: that was what it waited for, or else it waited in vain."""
    given = msgspec.json.decode(task.definition, type=WaitDefinition)
    if given.reason == "timer":
        return Completion()
    if given.otherwise:
        return Completion(result=given.otherwise[0])
    raise TaskFailed("WAIT_TIMED_OUT", f"No {given.reason} came in time.")


async def join_run(
    kinds: Kinds, room: asyncio.Semaphore, ctx: TaskContext, task: TaskRow
) -> Completion:
    """End as the sub-run has; if it has not, wait on. Needs room, as it takes a connection.

    The first look takes no lock: the sub-run of a task that was woken has ended, and all items of a
    map would queue for that of their run.
    Raises: TaskFailed, LeaseLost if it waits on or was cancelled with its sub-run.
    """
    async with room:
        async with Context.transaction(ctx) as tx:
            child = await child_of(tx, task)
        if not child.ended:
            child = await ended_or_parked(ctx, task)
        if child.status == Outcome.succeeded:
            return Completion(result=await result_of(kinds, ctx, child))
        if child.error:
            raise TaskFailed(child.error.code, child.error.message)
        await cancel(kinds, ctx, task)
    raise LeaseLost(task.id)


async def cancel(kinds: Kinds, ctx: TaskContext, task: TaskRow) -> None:
    """Cancel a task whose sub-run someone has cancelled.

    Raises: LeaseLost.
    """
    cancelled = Ended(task.id, TaskOutcome.cancelled, stored=False)
    async with ctx.transaction() as tx:
        await settle(tx, kinds, task.run_id, await store(tx, kinds, task.run_id, [cancelled]))


async def child_of(tx: Transaction, task: TaskRow) -> ChildRow:
    """How the sub-run of a task stands."""
    return await tx.one(sql.get_child, ChildRow, run_id=task.run_id, task_id=task.id)


async def ended_or_parked(ctx: TaskContext, task: TaskRow) -> ChildRow:
    """The sub-run, if it has just ended; if not, its task rests again.

    Raises: LeaseLost.
    """
    async with ctx.transaction() as tx:
        child = await child_of(tx, task)
        if not child.ended:
            await tx.run(sql.park_again, run_id=task.run_id, task_id=task.id, seconds=LOOK_AGAIN_S)
    if not child.ended:
        raise LeaseLost(task.id)
    return child


async def result_of(kinds: Kinds, ctx: TaskContext, child: ChildRow) -> Any:
    """What a sub-run came to, wherever that is.

    Raises: TaskFailed.
    """
    whole = kinds[child.kind].whole
    if whole is None or child.output_blob is None:
        return child.output
    return await whole(ctx, child.output_blob, child.output_size or 0)


def functions(kinds: Kinds, room: asyncio.Semaphore) -> Mapping[str, TaskFunction]:
    """What the engine itself does when a wait is over or a sub-run has ended."""
    return {WAIT: end_wait, RUN: partial(join_run, kinds, room)}
