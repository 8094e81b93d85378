"""Graphs of tasks: checked, stored, made ready."""

from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from db.pool import Transaction, records
from db.queries import load
from generated.models import TaskDefinition
from services.context import new_id
from services.engine.claim import ready
from services.engine.lanes import OWN_QUEUE, Lane

sql = load("engine")


class InvalidGraph(Exception):
    """The tasks do not make a graph; the message says why."""


class NewTask(msgspec.Struct, kw_only=True):
    """A task to add; its dependencies are ids of definitions in the same call."""

    kind: str
    sequence: int
    definition: TaskDefinition
    branch_name: str | None = None
    priority: int = 0
    max_attempts: int = 3


def check_graph(definitions: list[TaskDefinition]) -> list[str]:
    """The ids in an order in which every task comes after its dependencies.

    Raises: InvalidGraph for a duplicate id or slug, an unknown dependency or a cycle.
    """
    ids = [definition.id for definition in definitions]
    slugs = [definition.slug for definition in definitions]
    for name, values in (("id", ids), ("slug", slugs)):
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise InvalidGraph(f"The {name} {twice[0]} is used twice.")
    for definition in definitions:
        if unknown := sorted(set(definition.dependencies) - set(ids)):
            raise InvalidGraph(f"{definition.id} depends on {unknown[0]}, which is no task.")
    try:
        return list(TopologicalSorter({d.id: d.dependencies for d in definitions}).static_order())
    except CycleError as error:
        raise InvalidGraph(f"The tasks wait for each other: {' → '.join(error.args[1])}.") from None


async def add_tasks(tx: Transaction, run_id: str, tasks: list[NewTask]) -> dict[str, str]:
    """Store tasks and make ready those that wait for nothing; the new ids by definition id.

    Raises: InvalidGraph.
    """
    check_graph([task.definition for task in tasks])
    ids = {task.definition.id: new_id("task") for task in tasks}
    await tx.run(
        sql.create_tasks,
        run_id=run_id,
        tasks=records([row(tx.tenant, ids[task.definition.id], task) for task in tasks]),
        dependencies=records(
            [
                {"task_id": ids[task.definition.id], "depends_on": ids[dependency]}
                for task in tasks
                for dependency in sorted(set(task.definition.dependencies))
            ]
        ),
    )
    for kind in {task.kind for task in tasks}:
        ready(tx, tx.tenant, kind)
    return ids


def row(tenant_id: str, task_id: str, task: NewTask) -> dict[str, Any]:
    """A task as the statement takes it."""
    lane = Lane(tenant_id, OWN_QUEUE, task.kind, task.priority)
    return {
        "id": task_id,
        "slug": task.definition.slug,
        "unmet": len(set(task.definition.dependencies)),
        "lane": lane.id,
        "queue": lane.queue,
        **msgspec.structs.asdict(task),
    }
