"""Graphs as the engine moves them: how one begins, and what follows its end."""

from typing import Any

import msgspec

from db.pool import Transaction, jsonb
from db.queries import load
from generated.models import Failure, GraphStatus, NewGraph, OnFailure, RunCreated
from services.context import new_id
from services.engine import events, lanes
from services.engine.graph.mapping import MOST_MAP_BYTES
from services.engine.graph.settling import add_graph
from services.engine.kind import Child, Kind, Kinds
from services.engine.references import Budget, Reference, of_item, references, resolve
from services.engine.retry import TaskFailed
from services.errors import ValidationFailed
from services.graph_checks import check, each_part
from services.new_graphs import lanes_of, tasks_of
from services.new_jobs import given

sql = load("graph_runs")

NAME = "graph"


class OutputRow(msgspec.Struct, frozen=True):
    """What a graph says is to come of it."""

    output: Any
    refs: list[Reference]
    results: list[list[Any]] | None


async def create(
    tx: Transaction,
    kinds: Kinds,
    graph: NewGraph,
    *,
    child: Child | None = None,
    rerun_of: str | None = None,
    copied: dict[str, str] | None = None,
) -> str:
    """Store a graph that was checked, and begin it; its id.

    `copied` are the tasks of `rerun_of` whose results are kept, by slug. With the outermost graph
    room is made for all that it and those in it will ever queue.
    Raises: TooManyQueues, TooManyLanes.
    """
    if child is None:
        await lanes.make(tx, lanes_of(graph, tx.tenant))
    graph_id = new_id("run")
    output = None if isinstance(graph.output, msgspec.UnsetType) else graph.output
    options = {"name": given(graph.name), "output": output, "refs": references(output)}
    await tx.run(
        sql.create_run,
        id=graph_id,
        trigger="retry" if rerun_of else "graph" if child else "api",
        retry_of=rerun_of,
        on_failure=None if given(graph.on_failure) == OnFailure.stop else "continue",
        input=graph,
        options=options,
        parent_id=child.parent_id if child else None,
        parent_task=child.parent_task if child else None,
        depth=child.depth if child else 0,
    )
    await events.record(tx, graph_id, RunCreated(kind=NAME))
    tasks = tasks_of(graph)
    for task in tasks:
        task.copied = (copied or {}).get(task.slug)
    await add_graph(tx, kinds, graph_id, tasks, rerun_of)
    return graph_id


async def start(tx: Transaction, kinds: Kinds, children: list[Child]) -> list[str | TaskFailed]:
    """Graphs in a graph."""
    started: list[str | TaskFailed] = []
    for child in children:
        try:
            started.append(await start_one(tx, kinds, child))
        except TaskFailed as error:
            started.append(error)
    return started


async def start_one(tx: Transaction, kinds: Kinds, child: Child) -> str:
    """A graph in a graph; `$item` in it stands for what the task was given.

    Raises: TaskFailed if that does not make a graph.
    """
    item, budget = child.input["input"], Budget(MOST_MAP_BYTES)
    whole = each_part(
        child.input["graph"],
        "",
        lambda part, _: of_item(part, item, 0, literal=True, budget=budget),
    )
    try:
        graph = msgspec.convert(whole, NewGraph)
        check(graph)
    except (msgspec.ValidationError, ValidationFailed) as error:
        raise TaskFailed("INVALID_GRAPH", str(error)) from error
    return await create(tx, kinds, graph, child=child)


async def conclude(tx: Transaction, run_id: str) -> Failure | None:
    """Store what came of a graph, or say why that cannot be."""
    row = await tx.one(sql.get_output, OutputRow, run_id=run_id)
    try:
        output = resolve(row.output, row.refs, row.results, Budget(what="result"))
        Budget(what="result").spend(output)
    except TaskFailed as error:
        return error.failure
    await tx.run(sql.set_output, run_id=run_id, output=jsonb(output))
    return None


async def state(tx: Transaction, graph_id: str) -> GraphStatus | None:
    """Where a graph stands; None if there is none."""
    found = await tx.value(sql.get_state, graph_id=graph_id)
    return None if found is None else GraphStatus(found)


KIND = Kind(functions={}, conclude=conclude, start=start)
