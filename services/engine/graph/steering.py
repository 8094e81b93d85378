"""What someone outside does to a live run: send it signals, answer, cancel and retry its tasks."""

from typing import Any, Literal

import msgspec

from db.pool import Transaction, jsonb, records
from db.queries import load
from generated.models import (
    RunSignalled,
    TaskAnswered,
    TaskOutcome,
    TaskReopened,
    TaskStatus,
)
from services.context import new_id
from services.engine import events, lanes
from services.engine.claim import ready
from services.engine.graph.forms import Ended, WaitDefinition
from services.engine.graph.reopening import Node, may_run, reopened
from services.engine.graph.settling import settle, store
from services.engine.kind import Kinds

sql = load("graphs")

MOST_SIGNALS = 1000
LIVE = (TaskStatus.pending, TaskStatus.waiting, TaskStatus.running)
RETRYABLE = (TaskStatus.failed, TaskStatus.cancelled)
UNDONE = ["failed", "cancelled", "skipped"]


class Refused(Exception):
    """It cannot be done now; `status` is the state that forbids it."""

    def __init__(self, what: Literal["run", "task"], status: str, allowed: list[str]) -> None:
        super().__init__(status)
        self.what, self.status, self.allowed = what, status, allowed


class Hindered(Exception):
    """Something else than its state is in the way of a change to a task; the message says what."""


class NotAllowed(Exception):
    """Someone else has to answer this."""


class TooManySignals(Exception):
    """The run keeps as many signals that nobody waits for as it can."""


class NotThere(Exception):
    """There is no such run, or no such task in it."""


class HeldRun(msgspec.Struct, frozen=True):
    """A run that is locked."""

    status: str
    ended: bool


class Step(msgspec.Struct, frozen=True):
    """One task, as whoever changes it needs to know it."""

    id: str
    slug: str
    status: TaskStatus
    form: str | None
    condition: str | None
    parent_id: str | None
    child_id: str | None
    definition: Any
    unbegun: bool
    map_status: str | None


class Item(msgspec.Struct, frozen=True):
    """An item of a map."""

    id: str


class KindRow(msgspec.Struct, frozen=True):
    """A kind of which tasks are free."""

    kind: str


async def hold(tx: Transaction, run_id: str) -> HeldRun:
    """Lock a run.

    Raises: NotThere.
    """
    run = await tx.first(sql.hold_run, HeldRun, run_id=run_id)
    if run is None:
        raise NotThere("run")
    return run


def refuse_ended(run: HeldRun) -> None:
    """Let only a live run pass.

    Raises: Refused.
    """
    if run.ended:
        raise Refused("run", run.status, ["queued", "running"])


async def step(tx: Transaction, run_id: str, task_id: str) -> Step:
    """A task of a live run, which is locked.

    Raises: NotThere, also if the run has ended; Refused if it has and the task is there.
    """
    run = await hold(tx, run_id)
    found = await tx.first(sql.get_step, Step, run_id=run_id, task_id=task_id)
    if found is None:
        raise NotThere("task")
    refuse_ended(run)
    return found


async def signal(tx: Transaction, kinds: Kinds, run_id: str, name: str, payload: Any) -> bool:
    """Send a signal: it ends the first task that waits for it, or is kept for the next that will.

    Returns whether a task had waited.

    Raises: NotThere, Refused if the run has ended, TooManySignals.
    """
    refuse_ended(await hold(tx, run_id))
    listener = await tx.value(sql.find_listener, run_id=run_id, name=name)
    await events.record(tx, run_id, RunSignalled(name=name))
    if listener is not None:
        await end_waiting(tx, kinds, run_id, listener, payload)
        return True
    given = {"run_id": run_id, "id": new_id("sig"), "name": name, "payload": jsonb(payload)}
    if not await tx.run(sql.keep_signal, most=MOST_SIGNALS, **given):
        raise TooManySignals
    return False


async def answer(
    tx: Transaction, kinds: Kinds, run_id: str, task_id: str, by: str, given: Any
) -> Step:
    """Answer a task that waits for someone.

    Raises: NotThere, NotAllowed if someone else has to, Hindered if it asks for no answer, Refused
    if it does not wait for it now.
    """
    task = await step(tx, run_id, task_id)
    wait = awaited(task)
    if wait.by is not None and by not in wait.by:
        raise NotAllowed
    if task.status != TaskStatus.waiting:
        raise Refused("task", task.status, [TaskStatus.waiting])
    await events.record(tx, run_id, TaskAnswered(slug=task.slug, by=by), task_id=task.id)
    await end_waiting(tx, kinds, run_id, task_id, given)
    return task


def awaited(task: Step) -> WaitDefinition:
    """What a task waits for.

    Raises: Hindered if that is no answer.
    """
    if task.form == "wait" and task.definition is not None:
        wait = msgspec.convert(task.definition, WaitDefinition)
        if wait.reason == "answer":
            return wait
    raise Hindered("This task asks for no answer.")


async def end_waiting(
    tx: Transaction, kinds: Kinds, run_id: str, task_id: str, result: Any
) -> None:
    """End a task that waits, with what it waited for."""
    ended = Ended(task_id, TaskOutcome.succeeded, result=result, stored=False)
    await settle(tx, kinds, run_id, await store(tx, kinds, run_id, [ended]))


async def cancel_task(tx: Transaction, kinds: Kinds, run_id: str, task_id: str) -> None:
    """Cancel one task, a map with its items, a sub-run with all that is in it.

    What depends on its success is skipped; the run goes on.

    Raises: NotThere, Refused if the task has ended, Hindered for an item whose turn has not come.
    """
    task = await step(tx, run_id, task_id)
    if task.unbegun:
        raise Hindered("The turn of this item has not come; cancel it when it has, or its map now.")
    if task.status not in LIVE:
        raise Refused("task", task.status, [str(status) for status in LIVE])
    items = await live_items(tx, run_id, task) if task.form == "map" else []
    cancelled = [Ended(one, TaskOutcome.cancelled, stored=False) for one in (task.id, *items)]
    await settle(tx, kinds, run_id, await store(tx, kinds, run_id, cancelled))


async def live_items(tx: Transaction, run_id: str, task: Step) -> list[str]:
    """The items of a map that have not ended."""
    statuses = [str(status) for status in LIVE]
    given = {"run_id": run_id, "map_id": task.id, "statuses": statuses}
    return [item.id for item in await tx.all(sql.list_items, Item, **given)]


async def retry_task(tx: Transaction, kinds: Kinds, run_id: str, task_id: str) -> None:
    """Do a task again that has failed or was cancelled, and let run what was skipped for it alone.

    It begins when what it depends on lets it, and is skipped if that can never be. Of a map the
    items are done again that did not succeed.

    Raises: NotThere, Refused if the run has ended, or the task is not in such a state; Hindered for
    an item of a map that has ended.
    """
    task = await step(tx, run_id, task_id)
    allowed = [str(status) for status in RETRYABLE]
    if task.status not in RETRYABLE:
        raise Refused("task", task.status, allowed)
    if task.parent_id is not None:
        if task.map_status != TaskStatus.waiting:
            raise Hindered(f"The map of this item is {task.map_status}; retry the map instead.")
        await retry_item(tx, kinds, run_id, task)
    else:
        await retry_step(tx, kinds, run_id, task)


async def retry_item(tx: Transaction, kinds: Kinds, run_id: str, task: Step) -> None:
    """Do an item again; its map waits for one more."""
    await tx.run(sql.wait_for_more, run_id=run_id, task_id=task.parent_id, more=1)
    await reopen(tx, run_id, [row(run_id, task.id, 0, free=task.form is None)], opened=1)
    reopening = TaskReopened(slug=task.slug, previous_status=TaskOutcome(task.status))
    await events.record(tx, run_id, reopening, task_id=task.id)
    if task.form is not None:
        await settle(tx, kinds, run_id, [], [task.id])


async def retry_step(tx: Transaction, kinds: Kinds, run_id: str, task: Step) -> None:
    """Do a task again, and put those back that had waited for it."""
    nodes = await tx.all(sql.list_nodes, Node, run_id=run_id)
    known = {node.id: node for node in nodes}
    again, counts = reopened(nodes, task.id)
    rows = [
        row(run_id, node.id, counts[node.id], free=node.form is None and not counts[node.id])
        for node in nodes
        if node.id in again
    ]
    rows += await undone_items(tx, run_id, task) if task.form == "map" else []
    await reopen(tx, run_id, rows, opened=len(rows))
    for one in counts.keys() - again:
        await tx.run(sql.set_unmet, run_id=run_id, task_id=one, unmet=counts[one])
    told = [(node.id, reopening(node)) for node in nodes if node.id in again]
    await events.record_each(tx, run_id, told)
    if not may_run(known[task.id], known, set()):
        skipped = await store(tx, kinds, run_id, [Ended(task.id, stored=False)])
        await settle(tx, kinds, run_id, skipped)
    elif task.form is not None and not counts[task.id]:
        await settle(tx, kinds, run_id, [], [task.id])


async def undone_items(tx: Transaction, run_id: str, task: Step) -> list[dict[str, Any]]:
    """The items of a map that are to be done again, as they are put back: in turn."""
    given = {"run_id": run_id, "map_id": task.id, "statuses": UNDONE}
    items = await tx.all(sql.list_items, Item, **given)
    return [row(run_id, item.id, 0, free=False) | {"place": n} for n, item in enumerate(items)]


def reopening(node: Node) -> TaskReopened:
    """The event of a task that may run again."""
    return TaskReopened(slug=node.slug, previous_status=TaskOutcome(node.status))


async def reopen(tx: Transaction, run_id: str, rows: list[dict[str, Any]], *, opened: int) -> None:
    """Put tasks back; their queues may have been deleted since."""
    await lanes.restore(tx, [run_id])
    for one in await tx.all(
        sql.reopen_tasks, KindRow, run_id=run_id, tasks=records(rows), opened=opened
    ):
        ready(tx, tx.tenant, one.kind)


def row(run_id: str, task_id: str, unmet: int, *, free: bool) -> dict[str, Any]:
    """A task that is put back, as the statement takes it."""
    return {"run_id": run_id, "id": task_id, "unmet": unmet, "free": free}
