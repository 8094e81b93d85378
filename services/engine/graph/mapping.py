"""Maps: from a list to a task for each of its items, and from their results to one list."""

from typing import Any

import msgspec

from db.pool import Transaction, jsonb, records
from db.queries import load
from generated.models import Failure, TaskMapped, TaskOutcome
from services.context import new_id
from services.engine import events
from services.engine.claim import ready
from services.engine.graph.forms import MOST_ITEMS, Ended, MapDefinition, Opened, Opening
from services.engine.lanes import Lane
from services.engine.references import Budget, of_item, resolve
from services.engine.retry import TaskFailed

sql = load("graphs")
encode = msgspec.json.encode

MOST_MAP_BYTES = 16 * 1024 * 1024
MOST_RUNS = 1_000
"""So many items that are sub-runs are begun at once: each is started in the map's transaction."""


class Closed(msgspec.Struct, frozen=True):
    """How a map ended."""

    status: TaskOutcome
    error: Failure | None


class Released(msgspec.Struct, frozen=True):
    """A kind of which items may begin now; or an item that is to be opened."""

    kind: str
    opened: str | None


async def proceed(tx: Transaction, run_id: str, task: Opened, found: Opening) -> None:
    """Let more items of a map begin, or close it."""
    if task.unmet:
        for one in await tx.all(sql.release_items, Released, run_id=run_id, map_id=task.id):
            if one.opened is not None:
                found.items.append(one.opened)
            else:
                ready(tx, tx.tenant, one.kind)
        return
    closed = await tx.first(
        sql.close_map, Closed, run_id=run_id, map_id=task.id, most_bytes=MOST_MAP_BYTES
    )
    if closed:
        found.ended.append(Ended(task.id, closed.status, error=closed.error))


async def resume(tx: Transaction, run_id: str, task: Opened, found: Opening) -> None:
    """Go on with the items of a map that are to be done again."""
    left = await tx.value(sql.resume_map, run_id=run_id, map_id=task.id)
    await proceed(tx, run_id, msgspec.structs.replace(task, unmet=left), found)


async def expand(tx: Transaction, run_id: str, task: Opened, found: Opening) -> None:
    """Make a task of each item of a map's list, in one statement.

    Raises: TaskFailed if there is no list, or too much of it.
    """
    given = msgspec.convert(task.definition, MapDefinition)
    over = resolve(given.over, task.refs, task.results, Budget(MOST_MAP_BYTES))
    items = items_of(given, over)
    await events.record(tx, run_id, TaskMapped(slug=task.slug, items=len(items)), task_id=task.id)
    if not items:
        found.ended.append(Ended(task.id, TaskOutcome.succeeded, result=[], stored=False))
        return
    at_once = min(given.at_once, MOST_RUNS) if given.form else given.at_once
    await tx.run(
        sql.expand_map,
        run_id=run_id,
        map_id=task.id,
        items=records(items),
        size=len(items),
        at_once=at_once,
        lane=Lane(tx.tenant, given.queue, given.kind, given.priority).id,
        options=jsonb(given.options) if given.options else None,
        refs=jsonb(given.refs) if given.refs else None,
        **{
            name: getattr(given, name)
            for name in ("kind", "form", "queue", "priority", "max_attempts")
        },
    )
    if given.form:
        found.items += [item["id"] for item in items[:at_once]]
    else:
        ready(tx, tx.tenant, given.kind)


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
