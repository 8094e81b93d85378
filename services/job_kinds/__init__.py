"""The kinds of jobs that our own workers do: `http`, `agent`, `command`.

Each is a function of plain values, `async (app, input, token) -> result`, that works outside any
transaction and may be called again from the start: `token` is the same at every attempt.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from db.pool import Transaction
from generated.models import Failure, Outcome
from services import dead_letters, results
from services.context import App
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion, EndedRun, Kind, TaskFunction
from services.errors import ValidationFailed
from services.job_kinds.agent import agent
from services.job_kinds.command import command
from services.job_kinds.http import http
from services.job_kinds.inputs import (
    BUILT,
    check_input,
    description,
    input_schema,
    invalid_input,
    own,
    result_schema,
    shown_input,
)

__all__ = [
    "BUILT",
    "KIND",
    "check_input",
    "description",
    "input_schema",
    "own",
    "result_schema",
    "shown_input",
]

JobFunction = Callable[[App, Any, str], Awaitable[Any]]


def task_function(kind: str, function: JobFunction) -> TaskFunction:
    """A function of plain values as the engine calls it."""

    async def run(ctx: TaskContext, task: TaskRow) -> Completion:
        given = input_of(kind, task)
        result = await function(ctx.app, given, task.id)
        if task.solo:
            return await results.completion(ctx, task.run_id, result)
        return Completion(result=results.inline(result))

    return run


def input_of(kind: str, task: TaskRow) -> Any:
    """The input of a task. What references of a graph stand for is held against the kind only now.

    Raises: TaskFailed.
    """
    if not task.solo:
        try:
            check_input(kind, msgspec.json.decode(task.definition))
        except ValidationFailed as error:
            raise invalid_input(error) from None
    return msgspec.json.decode(task.definition, type=BUILT[kind].input)


async def ended(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """A job that has failed is a dead letter until someone looks; one of a graph is the graph's."""
    if outcome is Outcome.failed and run.parent_id is None:
        await dead_letters.add(tx, run.id)


KIND = Kind(
    functions={
        kind: task_function(kind, function)
        for kind, function in (("http", http), ("agent", agent), ("command", command))
    },
    ended=ended,
)
