"""Graphs over HTTP."""

from starlette.responses import Response

from generated.models import (
    AnswerGraphTask,
    EventType,
    GraphPlan,
    GraphStatus,
    NewGraph,
    RerunGraph,
    SignalGraph,
)
from handlers.gateway.respond import Reply, created, ok, paged
from handlers.gateway.streams import event_stream, frame
from services import graphs
from services.context import Context


async def create_graph(ctx: Context, body: NewGraph) -> Reply:
    """POST /orchestrator/graphs"""
    graph = await graphs.create_graph(ctx, body)
    if isinstance(graph, GraphPlan):
        return ok(graph)
    return created(graph, f"/orchestrator/graphs/{graph.id}")


async def list_graphs(
    ctx: Context, status: GraphStatus | None, cursor: str | None, limit: int
) -> Reply:
    """GET /orchestrator/graphs"""
    return paged(await graphs.list_graphs(ctx, status, cursor, limit))


async def get_graph(ctx: Context, graph_id: str) -> Reply:
    """GET /orchestrator/graphs/{graphId}"""
    return ok(await graphs.get_graph(ctx, graph_id))


async def list_graph_tasks(
    ctx: Context, graph_id: str, items_of: str | None, cursor: str | None, limit: int
) -> Reply:
    """GET /orchestrator/graphs/{graphId}/tasks"""
    return paged(await graphs.list_graph_tasks(ctx, graph_id, items_of, cursor, limit))


async def cancel_graph(ctx: Context, graph_id: str) -> Reply:
    """POST /orchestrator/graphs/{graphId}/cancel"""
    return ok(await graphs.cancel_graph(ctx, graph_id))


async def rerun_graph(ctx: Context, graph_id: str, body: RerunGraph) -> Reply:
    """POST /orchestrator/graphs/{graphId}/rerun"""
    again = await graphs.rerun_graph(ctx, graph_id, body)
    return created(again, f"/orchestrator/graphs/{again.id}")


async def signal_graph(ctx: Context, graph_id: str, body: SignalGraph) -> Reply:
    """POST /orchestrator/graphs/{graphId}/signals"""
    return ok(await graphs.signal_graph(ctx, graph_id, body))


async def retry_graph_task(ctx: Context, graph_id: str, task_id: str) -> Reply:
    """POST /orchestrator/graphs/{graphId}/tasks/{taskId}/retry"""
    return ok(await graphs.retry_graph_task(ctx, graph_id, task_id))


async def cancel_graph_task(ctx: Context, graph_id: str, task_id: str) -> Reply:
    """POST /orchestrator/graphs/{graphId}/tasks/{taskId}/cancel"""
    return ok(await graphs.cancel_graph_task(ctx, graph_id, task_id))


async def answer_graph_task(
    ctx: Context, graph_id: str, task_id: str, body: AnswerGraphTask
) -> Reply:
    """POST /orchestrator/graphs/{graphId}/tasks/{taskId}/answer"""
    return ok(await graphs.answer_graph_task(ctx, graph_id, task_id, body))


async def list_graph_events(
    ctx: Context, graph_id: str, after_seq: int | None, type_: EventType | None, limit: int
) -> Reply:
    """GET /orchestrator/graphs/{graphId}/events"""
    type_ = EventType(type_) if type_ else None
    return ok(await graphs.list_graph_events(ctx, graph_id, after_seq, type_, limit))


async def stream_graph_events(ctx: Context, graph_id: str, last_event_id: str | None) -> Response:
    """GET /orchestrator/graphs/{graphId}/events/stream"""
    batches = await graphs.stream_graph_events(ctx, graph_id, last_event_id)
    return event_stream(batches, ctx.app.draining, frame)
