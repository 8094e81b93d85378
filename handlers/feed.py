"""The feed over HTTP."""

from starlette.responses import Response

from generated.models import EventType
from handlers.gateway.respond import Reply, paged
from handlers.gateway.streams import event_stream, feed_frame
from services import feed
from services.context import Context


async def list_feed(ctx: Context, type_: EventType | None, cursor: str | None, limit: int) -> Reply:
    """GET /events"""
    type_ = EventType(type_) if type_ else None
    return paged(await feed.list_feed(ctx, type_, cursor, limit))


async def stream_feed(ctx: Context, type_: EventType | None, last_event_id: str | None) -> Response:
    """GET /events/stream"""
    type_ = EventType(type_) if type_ else None
    stream = await feed.stream_feed(ctx, type_, last_event_id)
    return event_stream(stream.batches, ctx.app.draining, feed_frame, stream.cursor)
