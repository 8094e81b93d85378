"""Exports: archives of what a run built. Packing is a run of its own kind, with one task."""

import re
import time
import unicodedata
from pathlib import Path
from typing import Literal

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import (
    CreateExport,
    Export,
    ExportCompleted,
    ExportCreated,
    ExportFormat,
    ExportStatus,
    Failure,
    Outcome,
    RunCreated,
    RunStatus,
    TaskDefinition,
)
from services import folders
from services.adapters.archives import write_archive
from services.builds.build import failures
from services.context import Actor, App, Context, new_id, system_transaction
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.graph.adding import NewTask, add_tasks
from services.engine.kind import Completion, EndedRun, Kind
from services.errors import Gone, NotFound, StorageUnavailable, WrongState
from services.pages import Page, page_of
from services.projects import require
from services.threads import in_thread

sql = load("exports")

PARTIAL_S = 3600.0
MAX_LEFT_OUT = 1000
PRIORITY = 10
"""Someone waits for the download; packing takes a moment and goes before the builds."""


class SourceRow(msgspec.Struct, frozen=True):
    """The run that is to be packed."""

    status: RunStatus
    number: int
    commit_sha: str | None
    project_name: str


class PackingRow(msgspec.Struct, frozen=True):
    """What the packing step needs."""

    id: str
    project_id: str
    format: Literal["zip", "tar.gz"]
    file_name: str
    commit_sha: str


class ExpiredRow(msgspec.Struct, frozen=True):
    """An export whose time is over."""

    tenant_id: str
    id: str


async def create_export(ctx: Context, project_id: str, request: CreateExport) -> Export:
    """Have what a run built packed by a worker.

    Raises: NotFound, WrongState unless the run has succeeded.
    """
    export_id, run_id = ctx.new_id("exp"), ctx.new_id("run")
    kind = ExportFormat(request.format or ExportFormat.zip)
    async with ctx.transaction() as tx:
        source = await tx.first(
            sql.get_source, SourceRow, project_id=project_id, run_id=request.run_id
        )
        if source is None:
            await require(tx, project_id)
            raise NotFound("There is no such run in this project.")
        if source.status != RunStatus.succeeded:
            raise WrongState("run", source.status, [RunStatus.succeeded])
        await tx.run(
            sql.create_export,
            id=export_id,
            project_id=project_id,
            run_id=request.run_id,
            format=kind,
            file_name=f"{slug(source.project_name)}-run-{source.number}.{kind}",
            lifetime_seconds=ctx.settings.export_days * 86_400,
        )
        await tx.run(
            sql.create_run, id=run_id, project_id=project_id, input={"exportId": export_id}
        )
        created = ExportCreated(export_id=export_id, format=kind)
        await events.record(tx, run_id, RunCreated(kind="export"), created)
        await add_tasks(tx, run_id, [packing_task()])
        return await found(tx, project_id, export_id)


async def list_exports(ctx: Context, project_id: str, page: int, page_size: int) -> Page[Export]:
    """A page of the project's exports, newest first.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require(tx, project_id)
        return await page_of(
            tx, sql.list_exports, sql.count_exports, Export, page, page_size, project_id=project_id
        )


async def get_export(ctx: Context, project_id: str, export_id: str) -> Export:
    """How far the export is.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        return await found(tx, project_id, export_id)


async def download_export(ctx: Context, project_id: str, export_id: str) -> tuple[Export, Path]:
    """The export and its archive.

    Raises: NotFound, WrongState before it is packed, Gone after it has expired, StorageUnavailable.
    """
    export = await get_export(ctx, project_id, export_id)
    if export.status == ExportStatus.expired:
        raise Gone("The export has expired; create a new one.")
    if export.status != ExportStatus.completed:
        raise WrongState("export", export.status, [ExportStatus.completed])
    path = folders.archive(ctx.settings, export.id, export.format)
    if not path.is_file():
        raise StorageUnavailable("The archive cannot be read right now.")
    return export, path


async def found(tx: Transaction, project_id: str, export_id: str) -> Export:
    """The export.

    Raises: NotFound.
    """
    export = await tx.first(sql.get_export, Export, project_id=project_id, export_id=export_id)
    if export is None:
        raise NotFound("There is no such export.")
    return export


def slug(name: str) -> str:
    """A name as it may stand in a file name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "project"


def packing_task() -> NewTask:
    """The only task of an export's run."""
    return NewTask(
        key="pack",
        slug="pack",
        kind="export.pack",
        sequence=0,
        priority=PRIORITY,
        definition=TaskDefinition(
            id="pack",
            slug="pack",
            description="Pack the archive",
            instructions="Write the files of the run's commit into an archive.",
            dependencies=[],
            path_scope=[],
            expected_outputs=[],
        ),
    )


async def pack(ctx: TaskContext, task: TaskRow) -> Completion:
    """Write the archive; a second attempt writes the same bytes over it.

    Raises: TaskFailed if the repository cannot be read.
    """
    async with ctx.transaction() as tx:
        row = await tx.one(sql.get_packing, PackingRow, run_id=task.run_id)
    with failures():
        archive = await in_thread(
            write_archive,
            folders.repository(ctx.settings, row.project_id),
            row.commit_sha,
            folders.archive(ctx.settings, row.id, row.format),
            row.format,
            row.file_name.removesuffix(f".{row.format}"),
        )

    async def record(tx: Transaction) -> None:
        size = archive.size_bytes
        await tx.run(
            sql.complete_export,
            export_id=row.id,
            size_bytes=size,
            sha256=archive.sha256,
            left_out=archive.left_out[:MAX_LEFT_OUT] or None,
        )
        completed = ExportCompleted(export_id=row.id, size_bytes=size)
        await events.record(tx, task.run_id, completed, task_id=task.id)

    return Completion(record=record)


async def ended(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """An export whose run failed has failed."""
    if outcome != Outcome.succeeded:
        await tx.run(sql.fail_export, run_id=run.id, error=error)


async def expire(app: App) -> int:
    """Delete the archives whose time is over; how many there were."""
    async with system_transaction(app) as tx:
        expired = await tx.all(sql.list_expired, ExpiredRow)
    for row in expired:
        ctx = Context(app, Actor(row.tenant_id, "housekeeping", kind="worker"), new_id("req"))
        for kind in ExportFormat:
            folders.archive(app.settings, row.id, kind).unlink(missing_ok=True)
        async with ctx.transaction() as tx:
            await tx.run(sql.expire_export, export_id=row.id)
    await in_thread(drop_partial_archives, app.settings.data_dir / "exports")
    return len(expired)


def drop_partial_archives(folder: Path) -> None:
    """Remove what killed workers left half written."""
    for path in folder.glob("*.part"):
        if path.stat().st_mtime < time.time() - PARTIAL_S:
            path.unlink(missing_ok=True)


KIND = Kind(functions={"pack": pack}, ended=ended)
