"""Kinds of jobs over HTTP."""

from generated.models import RegisterKind
from handlers.gateway.respond import Reply, ok, paged
from services import kinds
from services.context import Context


async def list_kinds(ctx: Context, page: int, page_size: int) -> Reply:
    """GET /worker/kinds"""
    return paged(await kinds.list_kinds(ctx, page, page_size))


async def register_kind(ctx: Context, kind: str, body: RegisterKind) -> Reply:
    """PUT /worker/kinds/{kind}"""
    return ok(await kinds.register_kind(ctx, kind, body))


async def get_kind(ctx: Context, kind: str) -> Reply:
    """GET /worker/kinds/{kind}"""
    return ok(await kinds.get_kind(ctx, kind))


async def delete_kind(ctx: Context, kind: str) -> Reply:
    """DELETE /worker/kinds/{kind}"""
    return ok(await kinds.delete_kind(ctx, kind))
