"""Tasks, stored with what they wait for."""

from typing import Any, Literal

import msgspec

from db.pool import Transaction, records
from db.queries import load
from services.context import new_id
from services.engine.claim import ready
from services.engine.graph.checking import Node, check_graph
from services.engine.lanes import OWN_QUEUE, Lane
from services.engine.references import Reference
from services.engine.retry import TaskOptions

sql = load("graphs")

Condition = Literal["any_succeeded", "all_ended"]
Form = Literal["map", "wait", "run"]


class NewTask(Node, kw_only=True):
    """A task to add; `after` are keys of the same call, and so are the slugs of `refs`.

    `definition` is JSON that only the task's function understands, or of a form only the engine.
    `item_refs` are those of the items of a map, resolved when each of them begins. One that was
    `copied` from a task of another run has succeeded already.
    """

    kind: str
    sequence: int
    definition: Any
    condition: Condition | None = None
    form: Form | None = None
    refs: list[Reference] | None = None
    item_refs: list[Reference] | None = None
    branch_name: str | None = None
    queue: str = OWN_QUEUE
    priority: int = 0
    max_attempts: int = 3
    options: TaskOptions | None = None
    copied: str | None = None


async def add_tasks(
    tx: Transaction, run_id: str, tasks: list[NewTask], source_run: str | None = None
) -> dict[str, str]:
    """Store tasks and free those that wait for nothing and have no form; the new ids by key.

    Results are copied from `source_run`.

    Raises: InvalidGraph.
    """
    check_graph(tasks)
    ids = {task.key: new_id("task") for task in tasks}
    copied = {task.key for task in tasks if task.copied}
    await tx.run(
        sql.create_tasks,
        run_id=run_id,
        source_run=source_run,
        tasks=records([row(tx.tenant, ids, task, copied) for task in tasks]),
        dependencies=records(
            [
                {"task_id": ids[task.key], "depends_on": ids[key]}
                for task in tasks
                for key in sorted(set(task.after))
            ]
        ),
    )
    for kind in {task.kind for task in tasks}:
        ready(tx, tx.tenant, kind)
    return ids


def is_free(task: NewTask, copied: set[str]) -> bool:
    """Whether a task waits for nothing."""
    return not task.copied and unmet(task, copied) == 0


def unmet(task: NewTask, copied: set[str]) -> int:
    """How much a task waits for; what was copied has succeeded."""
    after = set(task.after)
    if task.condition == "any_succeeded" and after & copied:
        return 0
    return len(after - copied)


def known(refs: list[Reference] | None, ids: dict[str, str]) -> list[Reference] | None:
    """References with the ids of what they refer to."""
    if refs is None:
        return None
    return [msgspec.structs.replace(ref, task=ids[ref.slug]) for ref in refs]


def row(tenant_id: str, ids: dict[str, str], task: NewTask, copied: set[str]) -> dict[str, Any]:
    """A task as the statement takes it."""
    definition = task.definition
    if task.item_refs is not None:
        definition = definition | {"refs": known(task.item_refs, ids)}
    return msgspec.structs.asdict(task) | {
        "id": ids[task.key],
        "unmet": unmet(task, copied),
        "lane": Lane(tenant_id, task.queue, task.kind, task.priority).id,
        "definition": definition,
        "refs": known(task.refs, ids),
    }
