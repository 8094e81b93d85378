"""Specs over HTTP."""

from generated.models import RegenerateSpec, SubmitAnswers
from handlers.gateway.respond import Reply, ok, paged
from services import specs
from services.context import Context


async def clarify_project(ctx: Context, project_id: str) -> Reply:
    """POST /projects/{projectId}/clarify"""
    return ok(await specs.clarify_project(ctx, project_id))


async def list_questions(ctx: Context, project_id: str) -> Reply:
    """GET /projects/{projectId}/questions"""
    return ok(await specs.list_questions(ctx, project_id))


async def submit_answers(ctx: Context, project_id: str, body: SubmitAnswers) -> Reply:
    """POST /projects/{projectId}/answers"""
    return ok(await specs.submit_answers(ctx, project_id, body))


async def approve_spec(ctx: Context, project_id: str) -> Reply:
    """POST /projects/{projectId}/approve"""
    return ok(await specs.approve_spec(ctx, project_id))


async def regenerate_spec(ctx: Context, project_id: str, body: RegenerateSpec) -> Reply:
    """POST /projects/{projectId}/regenerate"""
    return ok(await specs.regenerate_spec(ctx, project_id, body))


async def list_specs(ctx: Context, project_id: str, page: int, page_size: int) -> Reply:
    """GET /projects/{projectId}/specs"""
    return paged(await specs.list_specs(ctx, project_id, page, page_size))


async def get_spec(ctx: Context, project_id: str, version: int) -> Reply:
    """GET /projects/{projectId}/specs/{version}"""
    return ok(await specs.get_spec(ctx, project_id, version))
