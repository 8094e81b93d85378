"""Queues over HTTP."""

from generated.models import UpdateQueue
from handlers.gateway.conditional import tagged, unless_changed
from handlers.gateway.respond import Reply, ok, paged
from services import queues
from services.context import Context


async def list_queues(ctx: Context, page: int, page_size: int) -> Reply:
    """GET /orchestrator/queues"""
    return paged(await queues.list_queues(ctx, page, page_size))


async def get_queue(ctx: Context, queue: str) -> Reply:
    """GET /orchestrator/queues/{queue}"""
    return ok(await queues.get_queue(ctx, queue))


async def update_queue(ctx: Context, queue: str, if_match: str | None, body: UpdateQueue) -> Reply:
    """PATCH /orchestrator/queues/{queue}"""
    return tagged(ok(await queues.update_queue(ctx, queue, body, unless_changed(if_match))))


async def delete_queue(ctx: Context, queue: str) -> Reply:
    """DELETE /orchestrator/queues/{queue}"""
    return ok(await queues.delete_queue(ctx, queue))


async def pause_queue(ctx: Context, queue: str) -> Reply:
    """POST /orchestrator/queues/{queue}/pause"""
    return ok(await queues.pause_queue(ctx, queue))


async def resume_queue(ctx: Context, queue: str) -> Reply:
    """POST /orchestrator/queues/{queue}/resume"""
    return ok(await queues.resume_queue(ctx, queue))


async def list_failed_jobs(ctx: Context, queue: str, cursor: str | None, limit: int) -> Reply:
    """GET /orchestrator/queues/{queue}/failed"""
    return paged(await queues.list_failed_jobs(ctx, queue, cursor, limit))


async def list_queue_events(ctx: Context, queue: str, cursor: str | None, limit: int) -> Reply:
    """GET /orchestrator/queues/{queue}/events"""
    return paged(await queues.list_queue_events(ctx, queue, cursor, limit))
