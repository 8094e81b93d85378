"""Exports over HTTP."""

from starlette.responses import Response

from generated.models import CreateExport, ExportFormat
from handlers.gateway import streams
from handlers.gateway.respond import Reply, accepted, ok, paged
from services import exports
from services.context import Context

MEDIA_TYPES = {ExportFormat.zip: "application/zip", ExportFormat.tar_gz: "application/gzip"}


async def create_export(ctx: Context, project_id: str, body: CreateExport) -> Reply:
    """POST /projects/{projectId}/export"""
    export = await exports.create_export(ctx, project_id, body)
    return accepted(export, f"/projects/{project_id}/exports/{export.id}")


async def list_exports(ctx: Context, project_id: str, page: int, page_size: int) -> Reply:
    """GET /projects/{projectId}/exports"""
    return paged(await exports.list_exports(ctx, project_id, page, page_size))


async def get_export(ctx: Context, project_id: str, export_id: str) -> Reply:
    """GET /projects/{projectId}/exports/{exportId}"""
    return ok(await exports.get_export(ctx, project_id, export_id))


async def download_export(ctx: Context, project_id: str, export_id: str) -> Response:
    """GET /projects/{projectId}/exports/{exportId}/download"""
    export, path = await exports.download_export(ctx, project_id, export_id)
    media_type = MEDIA_TYPES[ExportFormat(export.format)]
    return streams.file(path, str(export.file_name), media_type, int(export.size_bytes or 0))
