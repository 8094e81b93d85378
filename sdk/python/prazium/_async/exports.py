"""client.exports"""

from pathlib import Path

from .._download import target_of, verified_file
from .._generated.api.exports import create_export, download_export, get_export, list_exports
from .._idempotency import Key
from ..models import CreateExport, Export, ExportFormat
from .resource import AsyncPages, AsyncResource


class AsyncExports(AsyncResource):
    """Archives of what a run built."""

    async def create(
        self,
        project_id: str,
        run_id: str,
        *,
        format: ExportFormat = "zip",
        idempotency_key: Key = None,
    ) -> Export:
        """Pack what a run built.

        Raises: ConflictError if the run has not succeeded.
        """
        body = CreateExport(run_id=run_id, format_=format)
        return await self._data(create_export.call(project_id, body=body), idempotency_key)

    def list(self, project_id: str, *, page_size: int = 20) -> AsyncPages[Export]:
        """The project's exports, newest first."""
        return self._pages(
            lambda page: list_exports.call(project_id, page=page, page_size=page_size)
        )

    async def get(self, project_id: str, export_id: str) -> Export:
        """How far the export is."""
        return await self._data(get_export.call(project_id, export_id))

    async def wait(
        self,
        project_id: str,
        export_id: str,
        *,
        timeout: float | None = 60,  # noqa: ASYNC109
    ) -> Export:
        """The export when it is no longer being packed, however that ended.

        Raises: Timeout after `timeout` seconds.
        """
        return await self._until(
            lambda export: export.status != "processing",
            lambda: self.get(project_id, export_id),
            timeout,
        )

    async def download(self, project_id: str, export_id: str, path: str | Path) -> Path:
        """Write the archive to a file, or under its own name into a folder; the file's path.

        The file appears only when it is complete and its SHA-256 is that of the export.

        Raises: ConflictError before it is packed, GoneError after it has expired,
            ChecksumMismatch, ConnectionFailed, OSError.
        """
        export = await self.get(project_id, export_id)
        target = target_of(path, export)
        call = download_export.call(project_id, export_id)
        async with self._transport.stream(call, "*/*") as response:
            with verified_file(target, export.sha256) as sink:
                async for chunk in response.aiter_bytes():
                    sink.write(chunk)
        return target
