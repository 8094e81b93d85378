"""Graphs: tasks that wait for each other, as callers see them. The engine moves them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

import msgspec
from msgspec import UNSET

from db.pool import Transaction
from db.queries import load
from generated.models import (
    AnswerGraphTask,
    Event,
    EventType,
    Failure,
    Graph,
    GraphPlan,
    GraphState,
    GraphStatus,
    GraphSummary,
    GraphTask,
    GraphTaskState,
    NewGraph,
    Outcome,
    RerunGraph,
    SignalGraph,
    SignalledGraph,
    TaskCondition,
    TaskStatus,
)
from services import cursors, events, graph_kind, kinds
from services.context import Context
from services.cursors import Section
from services.engine.ending import end_run
from services.engine.graph import steering
from services.engine.graph.steering import (
    Hindered,
    NotAllowed,
    NotThere,
    Refused,
    TooManySignals,
)
from services.errors import Conflict, Forbidden, NotFound, WrongState, invalid
from services.graph_checks import (
    all_tasks,
    answerers_of,
    check,
    flaws_of_answerers,
    flaws_of_kinds,
    flaws_of_times,
    queues_of,
    refuse,
)
from services.keys import allow_queues, good_keys
from services.new_graphs import flaws_of_size, plan_of
from services.new_jobs import given
from services.run_kinds import of_installation

sql = load("graph_runs")

LIVE = [GraphStatus.queued, GraphStatus.running]
ENDED = [GraphStatus.succeeded, GraphStatus.failed, GraphStatus.cancelled]
NEWEST = "run_~"
"""Behind every id."""


class SourceRow(msgspec.Struct, frozen=True):
    """A graph that is to be done again."""

    status: GraphStatus
    input: NewGraph


class WholeRow(msgspec.Struct, frozen=True):
    """A graph that is in no other."""

    input: NewGraph


class TaskRow(msgspec.Struct, frozen=True):
    """A task as it is stored."""

    id: str
    slug: str
    kind: str
    status: TaskStatus
    condition: str | None
    attempt: int
    sequence: int
    result: Any
    result_size: int | None
    error: Failure | None
    child_id: str | None
    child_kind: str | None
    started_at: datetime | None
    completed_at: datetime | None
    depends_on: list[str]


@contextmanager
def refusals() -> Iterator[None]:
    """Raise domain errors for the engine's."""
    try:
        yield
    except NotThere as error:
        raise NotFound(f"There is no such {'graph' if str(error) == 'run' else 'task'}.") from error
    except NotAllowed as error:
        raise Forbidden("This task is to be answered with another key.") from error
    except TooManySignals as error:
        raise Conflict("The graph keeps as many signals as it can; none waits for them.") from error
    except Hindered as error:
        raise Conflict(str(error)) from error
    except Refused as error:
        noun = "graph" if error.what == "run" else "task"
        raise WrongState(noun, error.status, error.allowed) from error


async def create_graph(ctx: Context, new: NewGraph) -> GraphState | GraphPlan:
    """Have tasks done in their order; of a dry run the plan.

    Raises: ValidationFailed for what is no graph, Forbidden for a queue that is not the key's.
    """
    check(new)
    allow_queues(ctx.actor, queues_of(new))
    tasks = list(all_tasks(new, ""))
    refuse(flaws_of_times(tasks, ctx.now()))
    refuse(flaws_of_size(new))
    names = {kind for _, task in tasks if (kind := given(task.kind))}
    answerers = answerers_of(tasks)
    async with ctx.transaction() as tx:
        known = await kinds.inputs_of(ctx, tx, names)
        refuse(flaws_of_kinds(tasks, known))
        refuse(flaws_of_answerers(answerers, await good_keys(tx, answerers.values())))
        if given(new.dry_run):
            return plan_of(new)
        graph_id = await graph_kind.create(tx, of_installation(ctx.settings), new)
        return await state_of(tx, graph_id)


async def state_of(tx: Transaction, graph_id: str) -> GraphState:
    """Where a graph stands.

    Raises: NotFound.
    """
    status = await graph_kind.state(tx, graph_id)
    if status is None:
        raise NotFound("There is no such graph.")
    return GraphState(id=graph_id, status=status)


async def changeable(ctx: Context, tx: Transaction, graph_id: str) -> None:
    """Let only those change a graph who may use all its queues.

    What ends in it moves the graphs that it is in, so the outermost one counts.
    Raises: NotFound, Forbidden.
    """
    await state_of(tx, graph_id)
    if ctx.actor.queues is not None:
        whole = await tx.one(sql.get_outermost, WholeRow, graph_id=graph_id)
        allow_queues(ctx.actor, queues_of(whole.input))


async def list_graphs(
    ctx: Context, status: GraphStatus | None, cursor: str | None, limit: int
) -> Section[GraphSummary]:
    """Graphs that stand by themselves, newest first.

    Raises: ValidationFailed for a cursor of another list.
    """
    of = {"list": "graphs", "status": status}
    before = cursors.unsealed(ctx, of, cursor) or NEWEST
    async with ctx.transaction() as tx:
        rows = await tx.all(
            sql.list_graphs, GraphSummary, before=before, status=status, limit=limit + 1
        )
    return cursors.section(
        ctx, rows[:limit], limit, of, rows[limit - 1].id if rows[limit:] else None
    )


async def get_graph(ctx: Context, graph_id: str) -> Graph:
    """The graph with the states of its tasks.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        graph = await tx.first(sql.get_graph, Graph, graph_id=graph_id)
    if graph is None:
        raise NotFound("There is no such graph.")
    return graph


async def list_graph_tasks(
    ctx: Context, graph_id: str, items_of: str | None, cursor: str | None, limit: int
) -> Section[GraphTask]:
    """The tasks in order: the items of a map, or all others.

    Raises: NotFound, ValidationFailed for a cursor of another list.
    """
    of = {"list": "graph tasks", "graph": graph_id, "map": items_of}
    after = int(cursors.unsealed(ctx, of, cursor) or -1)
    async with ctx.transaction() as tx:
        await state_of(tx, graph_id)
        given = {"graph_id": graph_id, "map": items_of, "after": after, "limit": limit + 1}
        rows = await tx.all(sql.list_graph_tasks, TaskRow, **given)
    position = str(rows[limit - 1].sequence) if rows[limit:] else None
    return cursors.section(ctx, [shown(row) for row in rows[:limit]], limit, of, position)


def shown(row: TaskRow) -> GraphTask:
    """A task as its caller sees it."""
    names = {"engine.run": row.child_kind or "graph", "engine.map": "map", "engine.wait": "wait"}
    return GraphTask(
        id=row.id,
        slug=row.slug,
        kind=names.get(row.kind) or row.kind.removeprefix("job."),
        status=row.status,
        when=TaskCondition(row.condition or "all_succeeded"),
        depends_on=row.depends_on,
        attempt=row.attempt,
        result=row.result,
        result_size=row.result_size,
        error=row.error,
        child_id=row.child_id,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )


async def cancel_graph(ctx: Context, graph_id: str) -> GraphState:
    """End the graph with all that is in it.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState if it has ended.
    """
    async with ctx.transaction() as tx:
        await changeable(ctx, tx, graph_id)
        if not await end_run(tx, of_installation(ctx.settings), graph_id, Outcome.cancelled, None):
            status = (await state_of(tx, graph_id)).status
            raise WrongState("graph", status, [str(one) for one in LIVE])
    return GraphState(id=graph_id, status=GraphStatus.cancelled)


async def rerun_graph(ctx: Context, graph_id: str, request: RerunGraph) -> GraphState:
    """A new graph that keeps the results of what need not be done again.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState unless it has ended,
    ValidationFailed for an unknown task.
    """
    async with ctx.transaction() as tx:
        source = await tx.first(sql.get_source, SourceRow, graph_id=graph_id)
        if source is None:
            raise NotFound("There is no such graph.")
        allow_queues(ctx.actor, queues_of(source.input))
        if source.status in LIVE:
            raise WrongState("graph", source.status, [str(one) for one in ENDED])
        states = await tx.all(sql.list_states, GraphTaskState, graph_id=graph_id)
        kept = kept_of(source.input, states, given(request.from_task))
        known = of_installation(ctx.settings)
        again = await graph_kind.create(tx, known, source.input, rerun_of=graph_id, copied=kept)
        return await state_of(tx, again)


def kept_of(graph: NewGraph, states: list[GraphTaskState], start: str | None) -> dict[str, str]:
    """The tasks whose results are kept, by slug: they succeeded, and so did all before them.

    Raises: ValidationFailed if there is no such task to begin at.
    """
    known = {state.slug: state for state in states}
    if start is not None and start not in known:
        raise invalid("/fromTask", "is no task of this graph")
    after = {task.slug: given(task.depends_on) or [] for task in graph.tasks}
    kept: dict[str, str] = {}
    for slug in TopologicalSorter(after).static_order():
        done = known[slug].status == TaskStatus.succeeded and slug != start
        if done and all(one in kept for one in after[slug]):
            kept[slug] = known[slug].id
    return kept


async def signal_graph(ctx: Context, graph_id: str, signal: SignalGraph) -> SignalledGraph:
    """Send a signal to a live graph.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState if it has ended,
    Conflict if it keeps too many.
    """
    payload = None if signal.payload is UNSET else signal.payload
    known = of_installation(ctx.settings)
    async with ctx.transaction() as tx:
        await changeable(ctx, tx, graph_id)
        with refusals():
            delivered = await steering.signal(tx, known, graph_id, signal.name, payload)
    return SignalledGraph(delivered=delivered)


async def retry_graph_task(ctx: Context, graph_id: str, task_id: str) -> GraphTaskState:
    """Do a task of a live graph again.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState unless it has failed
    or was cancelled, Conflict for an item of a map that has ended.
    """
    async with ctx.transaction() as tx:
        await changeable(ctx, tx, graph_id)
        with refusals():
            await steering.retry_task(tx, of_installation(ctx.settings), graph_id, task_id)
        return await task_state(tx, graph_id, task_id)


async def cancel_graph_task(ctx: Context, graph_id: str, task_id: str) -> GraphTaskState:
    """End one task of a live graph.

    Raises: NotFound, Forbidden for a queue that is not the key's, WrongState if it has ended,
    Conflict for an item whose turn has not come.
    """
    async with ctx.transaction() as tx:
        await changeable(ctx, tx, graph_id)
        with refusals():
            await steering.cancel_task(tx, of_installation(ctx.settings), graph_id, task_id)
        return await task_state(tx, graph_id, task_id)


async def answer_graph_task(
    ctx: Context, graph_id: str, task_id: str, answer: AnswerGraphTask
) -> GraphTaskState:
    """Answer a task that waits for it.

    Raises: NotFound, Forbidden if another key has to answer or for a queue that is not the key's,
    WrongState if it does not wait now, Conflict if it asks for no answer.
    """
    async with ctx.transaction() as tx:
        await changeable(ctx, tx, graph_id)
        with refusals():
            by, known = ctx.actor.subject, of_installation(ctx.settings)
            await steering.answer(tx, known, graph_id, task_id, by, answer.answer)
        return await task_state(tx, graph_id, task_id)


async def task_state(tx: Transaction, graph_id: str, task_id: str) -> GraphTaskState:
    """Where a task stands."""
    given = {"graph_id": graph_id, "task_id": task_id}
    return await tx.one(sql.get_task_state, GraphTaskState, **given)


async def list_graph_events(
    ctx: Context, graph_id: str, after_seq: int | None, type_: EventType | None, limit: int
) -> list[Event]:
    """Events of the graph that fit the filters, in order.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await state_of(tx, graph_id)
        return await events.events_of(tx, graph_id, after_seq=after_seq, type_=type_, limit=limit)


async def stream_graph_events(
    ctx: Context, graph_id: str, last_event_id: str | None
) -> AsyncIterator[list[Event]] | None:
    """Batches of events as they happen, until the graph has ended; None if nothing is to come.

    Raises: NotFound, ValidationFailed if `last_event_id` is in the future.
    """

    async def look() -> events.Progress:
        return await events.read_progress(ctx, sql.get_progress, graph_id)

    return await events.streamed(ctx, graph_id, last_event_id, look)
