"""What a kind of run gives to the engine."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from db.pool import Transaction
from generated.models import Failure, Outcome
from services.context import Context
from services.engine.claim import TaskContext, TaskRow
from services.engine.retry import Record, TaskFailed


class Completion(msgspec.Struct, frozen=True):
    """What a task did, and what is to be written in the transaction that records it."""

    result: Any = None
    record: Record | None = None


TaskFunction = Callable[[TaskContext, TaskRow], Awaitable[Completion]]


class EndedRun(msgspec.Struct, frozen=True):
    """A run that has just ended, and the task of another run that waits for it."""

    id: str
    kind: str
    solo: bool
    project_id: str | None
    parent_id: str | None = None
    parent_task: str | None = None


class Child(msgspec.Struct, frozen=True):
    """A run that a task of another run starts; `depth` counts the runs above it."""

    input: Any
    parent_id: str
    parent_task: str
    depth: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of run contributes: its task functions, and what follows a run's end.

    `conclude` makes something of a run whose tasks have succeeded, or says why it has failed.
    Tasks of the kind may have names that have no function here: others do them. A kind that can be
    a sub-run has `start`, and `whole` if its runs may have results that are not in their rows.
    """

    functions: Mapping[str, TaskFunction]
    ended: Callable[[Transaction, EndedRun, Outcome, Failure | None], Awaitable[None]] | None = None
    conclude: Callable[[Transaction, str], Awaitable[Failure | None]] | None = None
    start: "Starting | None" = None
    whole: "Whole | None" = None


Kinds = Mapping[str, Kind]
"""By the kind of run: `build.code` is a task that a run of kind `build` contributes."""
Starting = Callable[[Transaction, Kinds, list[Child]], Awaitable[list[str | TaskFailed]]]
"""Stores runs with their tasks; for each its id, or the failure of the task that wanted it."""
Whole = Callable[[Context, str, int], Awaitable[Any]]
"""A result by the name and the size (bytes) of its blob.

Raises: TaskFailed if it is too large for a graph, or cannot be read now.
"""
