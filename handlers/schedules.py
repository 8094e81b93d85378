"""Schedules over HTTP."""

from generated.models import NewSchedule, UpdateSchedule
from handlers.gateway.conditional import tagged, unless_changed
from handlers.gateway.respond import Reply, created, ok, paged
from services import schedules
from services.context import Context


async def create_schedule(ctx: Context, body: NewSchedule) -> Reply:
    """POST /orchestrator/schedules"""
    schedule = await schedules.create_schedule(ctx, body)
    return created(schedule, f"/orchestrator/schedules/{schedule.id}")


async def list_schedules(ctx: Context, page: int, page_size: int) -> Reply:
    """GET /orchestrator/schedules"""
    return paged(await schedules.list_schedules(ctx, page, page_size))


async def get_schedule(ctx: Context, schedule_id: str) -> Reply:
    """GET /orchestrator/schedules/{scheduleId}"""
    return ok(await schedules.get_schedule(ctx, schedule_id))


async def update_schedule(
    ctx: Context, schedule_id: str, if_match: str | None, body: UpdateSchedule
) -> Reply:
    """PATCH /orchestrator/schedules/{scheduleId}"""
    check = unless_changed(if_match)
    return tagged(ok(await schedules.update_schedule(ctx, schedule_id, body, check)))


async def delete_schedule(ctx: Context, schedule_id: str) -> Reply:
    """DELETE /orchestrator/schedules/{scheduleId}"""
    return ok(await schedules.delete_schedule(ctx, schedule_id))


async def pause_schedule(ctx: Context, schedule_id: str) -> Reply:
    """POST /orchestrator/schedules/{scheduleId}/pause"""
    return ok(await schedules.pause_schedule(ctx, schedule_id))


async def resume_schedule(ctx: Context, schedule_id: str) -> Reply:
    """POST /orchestrator/schedules/{scheduleId}/resume"""
    return ok(await schedules.resume_schedule(ctx, schedule_id))


async def trigger_schedule(ctx: Context, schedule_id: str) -> Reply:
    """POST /orchestrator/schedules/{scheduleId}/trigger"""
    job = await schedules.trigger_schedule(ctx, schedule_id)
    return created(job, f"/orchestrator/jobs/{job.id}")


async def list_schedule_events(
    ctx: Context, schedule_id: str, cursor: str | None, limit: int
) -> Reply:
    """GET /orchestrator/schedules/{scheduleId}/events"""
    return paged(await schedules.list_schedule_events(ctx, schedule_id, cursor, limit))
