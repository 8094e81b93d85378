"""Events over HTTP."""

from datetime import datetime

from starlette.responses import Response

from generated.models import EventType
from handlers.gateway.respond import Reply, ok
from handlers.gateway.streams import event_stream, frame
from services import events
from services.context import Context


async def list_events(
    ctx: Context,
    project_id: str,
    run_id: str,
    after: datetime | None,
    after_seq: int | None,
    type_: EventType | None,
    task_id: str | None,
    limit: int,
) -> Reply:
    """GET /projects/{projectId}/runs/{runId}/events"""
    type_ = EventType(type_) if type_ else None
    return ok(
        await events.list_events(ctx, project_id, run_id, after, after_seq, type_, task_id, limit)
    )


async def stream_events(
    ctx: Context, project_id: str, run_id: str, last_event_id: str | None
) -> Response:
    """GET /projects/{projectId}/runs/{runId}/events/stream"""
    batches = await events.stream_events(ctx, project_id, run_id, last_event_id)
    return event_stream(batches, ctx.app.draining, frame)
