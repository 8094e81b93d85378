"""Tasks that wait: what ends their waiting, from inside and from outside."""

from collections.abc import Mapping
from typing import Any

import msgspec

from db.queries import load
from generated.models import Failure, Outcome
from services.engine.claim import LeaseLost, TaskContext, TaskRow
from services.engine.graph.forms import WaitDefinition
from services.engine.graph.opening import LOOK_AGAIN_S
from services.engine.kind import Completion, TaskFunction
from services.engine.retry import TaskFailed

sql = load("graphs")

WAIT, RUN, MAP = "engine.wait", "engine.run", "engine.map"
"""The kinds of tasks with a form; a worker gets those whose time is over or whose run has ended."""


class ChildRow(msgspec.Struct, frozen=True):
    """How a sub-run ended, if it has."""

    status: str
    output: Any
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


async def join_run(ctx: TaskContext, task: TaskRow) -> Completion:
    """End as the sub-run has; if it has not, wait on.

    Raises: TaskFailed, LeaseLost if it waits on.
    """
    async with ctx.transaction() as tx:
        child = await tx.one(sql.get_child, ChildRow, run_id=task.run_id, task_id=task.id)
        if not child.ended:
            await tx.run(sql.park_again, run_id=task.run_id, task_id=task.id, seconds=LOOK_AGAIN_S)
    if not child.ended:
        raise LeaseLost(task.id)
    if child.status == Outcome.succeeded:
        return Completion(result=child.output)
    if child.error:
        raise TaskFailed(child.error.code, child.error.message)
    raise TaskFailed("SUB_RUN_CANCELLED", "The run that it had started was cancelled.")


FUNCTIONS: Mapping[str, TaskFunction] = {WAIT: end_wait, RUN: join_run}
