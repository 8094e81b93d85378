"""Tasks with a form are opened by the engine: maps, waits and sub-runs."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.pool import Transaction, jsonb, records
from db.queries import load
from generated.models import (
    Failure,
    TaskCompleted,
    TaskMapped,
    TaskOutcome,
    TaskWaiting,
    WaitReason,
)
from services.context import new_id
from services.engine import events
from services.engine.claim import ready
from services.engine.kind import Child, Kinds
from services.engine.lanes import OWN_QUEUE, Lane
from services.engine.references import MOST_BYTES, Reference, of_item, resolve
from services.engine.retry import TaskFailed, TaskOptions

sql = load("graphs")
encode = msgspec.json.encode

MOST_ITEMS = 10_000
MOST_MAP_BYTES = 16 * 1024 * 1024
DEEPEST = 5
LOOK_AGAIN_S = 60.0
"""A task that waits for a run looks so often itself, should its wake-up have been lost."""


class MapDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task for each item of a list: `over` is the list or a reference to it.

    `input` is the definition of each, in which `$item` stands for the item; so many run `at_once`.
    """

    over: Any
    kind: str
    input: Any
    at_once: int = MOST_ITEMS
    queue: str = OWN_QUEUE
    priority: int = 0
    max_attempts: int = 3
    options: TaskOptions | None = None
    refs: list[Reference] | None = None


class WaitDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a task waits for: a time (`at` or `seconds`), a signal, or an answer.

    With a signal or an answer the time is when it stops waiting: then it fails, or has the result
    `otherwise` if there is one. `by` are the subjects that may answer; without it, everyone.
    """

    reason: Literal["timer", "signal", "answer"]
    at: datetime | None = None
    seconds: float | None = None
    name: str | None = None
    by: list[str] | None = None
    otherwise: list[Any] = []
    about: Any = None


class RunDefinition(msgspec.Struct, frozen=True):
    """A run of a kind that takes `input`."""

    kind: str
    input: Any


class Opened(msgspec.Struct, frozen=True):
    """A task with a form whose turn it is; what it refers to, and how deep its run is in others."""

    id: str
    slug: str
    form: Literal["map", "wait", "run"]
    status: Literal["pending", "waiting"]
    sequence: int
    unmet: int
    definition: Any
    refs: list[Reference]
    results: list[list[Any]]
    depth: int

    def resolved(self) -> Any:
        """The definition with what it refers to."""
        return resolve(self.definition, self.refs, self.results)


class Ended(msgspec.Struct, frozen=True):
    """The end of a task; not `stored` is one that is still to be written."""

    id: str
    outcome: TaskOutcome = TaskOutcome.skipped
    result: Any = None
    error: Failure | None = None
    stored: bool = True

    @property
    def payload(self) -> TaskCompleted:
        """The event of it."""
        return TaskCompleted(status=self.outcome, error=self.error or msgspec.UNSET)


class Closed(msgspec.Struct, frozen=True):
    """How a map ended."""

    status: TaskOutcome
    error: Failure | None


class Released(msgspec.Struct, frozen=True):
    """A kind of which items may begin now."""

    kind: str


class Parked(msgspec.Struct, frozen=True):
    """A task that rests, until a time perhaps."""

    id: str
    until: datetime | None


class Heard(msgspec.Struct, frozen=True):
    """A signal that had come before its task waited."""

    id: str
    payload: Any


async def open_tasks(
    tx: Transaction, kinds: Kinds, run_id: str, task_ids: list[str]
) -> list[Ended]:
    """Open them; those that have ended at once."""
    ended: list[Ended] = []
    parked: list[tuple[Opened, dict[str, Any], TaskWaiting]] = []
    for task in await tx.all(sql.list_opened, Opened, run_id=run_id, ids=task_ids):
        try:
            if task.status == "waiting":
                ended += await proceed(tx, run_id, task)
            elif task.form == "map":
                ended += await expand(tx, run_id, task)
            elif task.form == "wait":
                ended += await begin_wait(tx, run_id, task, parked)
            else:
                parked.append(await start_run(tx, kinds, run_id, task))
        except TaskFailed as error:
            ended.append(Ended(task.id, TaskOutcome.failed, error=error.failure, stored=False))
    if parked:
        await park(tx, run_id, parked)
    return ended


async def proceed(tx: Transaction, run_id: str, task: Opened) -> list[Ended]:
    """Let more items of a map begin, or close it."""
    if task.unmet:
        for one in await tx.all(sql.release_items, Released, run_id=run_id, map_id=task.id):
            ready(tx, tx.tenant, one.kind)
        return []
    closed = await tx.first(
        sql.close_map, Closed, run_id=run_id, map_id=task.id, most_bytes=MOST_MAP_BYTES
    )
    return [Ended(task.id, closed.status, error=closed.error)] if closed else []


async def expand(tx: Transaction, run_id: str, task: Opened) -> list[Ended]:
    """Make a task of each item of a map's list, in one statement.

    Raises: TaskFailed if there is no list, or too much of it.
    """
    given = msgspec.convert(task.definition, MapDefinition)
    items = items_of(given, resolve(given.over, task.refs, task.results))
    await events.record(tx, run_id, TaskMapped(slug=task.slug, items=len(items)), task_id=task.id)
    if not items:
        return [Ended(task.id, TaskOutcome.succeeded, result=[], stored=False)]
    await tx.run(
        sql.expand_map,
        run_id=run_id,
        map_id=task.id,
        items=records(items),
        size=len(items),
        lane=Lane(tx.tenant, given.queue, given.kind, given.priority).id,
        options=jsonb(given.options) if given.options else None,
        refs=jsonb(given.refs) if given.refs else None,
        **{
            name: getattr(given, name)
            for name in ("kind", "queue", "priority", "max_attempts", "at_once")
        },
    )
    ready(tx, tx.tenant, given.kind)
    return []


def items_of(given: MapDefinition, over: Any) -> list[dict[str, Any]]:
    """The items as the statement takes them.

    Raises: TaskFailed if there is no list, or too much of it.
    """
    if not isinstance(over, list):
        raise TaskFailed("NOT_A_LIST", "What the map is to go over is not a list.")
    if len(over) > MOST_ITEMS:
        message = f"The map would have {len(over)} items; {MOST_ITEMS} are possible."
        raise TaskFailed("TOO_MANY_ITEMS", message)
    items, left = [], MOST_MAP_BYTES
    literal = given.refs is not None
    for place, item in enumerate(over):
        definition = msgspec.Raw(encode(of_item(given.input, item, place, literal=literal)))
        left -= len(bytes(definition))
        if left < 0:
            message = f"The inputs of the items have more than {MOST_MAP_BYTES} bytes together."
            raise TaskFailed("INPUT_TOO_LARGE", message)
        items.append({"id": new_id("task"), "place": place, "definition": definition})
    return items


async def begin_wait(
    tx: Transaction,
    run_id: str,
    task: Opened,
    parked: list[tuple[Opened, dict[str, Any], TaskWaiting]],
) -> list[Ended]:
    """Let a task wait, unless the signal that it waits for has come before it."""
    given = msgspec.convert(task.resolved(), WaitDefinition)
    if given.reason == "signal":
        heard = await tx.first(sql.take_signal, Heard, run_id=run_id, name=given.name)
        if heard:
            return [Ended(task.id, TaskOutcome.succeeded, result=heard.payload, stored=False)]
    waiting = TaskWaiting(
        slug=task.slug, reason=WaitReason(given.reason), name=given.name or msgspec.UNSET
    )
    parked.append((task, {"id": task.id, "at": given.at, "seconds": given.seconds}, waiting))
    return []


async def start_run(
    tx: Transaction, kinds: Kinds, run_id: str, task: Opened
) -> tuple[Opened, dict[str, Any], TaskWaiting]:
    """Start the run that a task stands for.

    Raises: TaskFailed if it cannot be started, or would be too deep in others.
    """
    given = msgspec.convert(task.resolved(), RunDefinition)
    start = kinds[given.kind].start if given.kind in kinds else None
    if start is None:
        raise TaskFailed("NO_SUB_RUN", "A run of this kind cannot be started by a task.")
    if len(encode(given.input)) > MOST_BYTES:
        message = f"The input has more than {MOST_BYTES} bytes with what it refers to."
        raise TaskFailed("INPUT_TOO_LARGE", message)
    if task.depth >= DEEPEST:
        raise TaskFailed("TOO_DEEP", f"Runs can be {DEEPEST} deep in each other.")
    child = await start(tx, kinds, Child(given.input, run_id, task.id, task.depth + 1))
    over = await tx.value(sql.has_ended, run_id=child)  # with nothing to do, or all of it in vain
    waiting = TaskWaiting(slug=task.slug, reason=WaitReason.run, run_id=child)
    return task, {"id": task.id, "child_id": child, "seconds": 0 if over else LOOK_AGAIN_S}, waiting


async def park(
    tx: Transaction, run_id: str, waiting: list[tuple[Opened, dict[str, Any], TaskWaiting]]
) -> None:
    """Let tasks rest, and tell it."""
    rows = await tx.all(
        sql.park_tasks, Parked, run_id=run_id, tasks=records([row for _, row, _ in waiting])
    )
    until = {row.id: row.until for row in rows}
    for task, _, told in waiting:
        if told.reason != WaitReason.run and until.get(task.id):
            told.until = until[task.id] or msgspec.UNSET
    await events.record_each(tx, run_id, [(task.id, told) for task, _, told in waiting])
