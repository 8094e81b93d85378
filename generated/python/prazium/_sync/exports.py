"""client.exports"""

from pathlib import Path

from .._download import target_of, verified_file
from .._generated.api.exports import create_export, download_export, get_export, list_exports
from .._idempotency import Key
from ..models import CreateExport, Export, ExportFormat
from .resource import Pages, Resource


class Exports(Resource):
    """Archives of what a run built."""

    def create(
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
        return self._data(create_export.call(project_id, body=body), idempotency_key)

    def list(self, project_id: str, *, page_size: int = 20) -> Pages[Export]:
        """The project's exports, newest first."""
        return self._pages(
            lambda page: list_exports.call(project_id, page=page, page_size=page_size)
        )

    def get(self, project_id: str, export_id: str) -> Export:
        """How far the export is."""
        return self._data(get_export.call(project_id, export_id))

    def wait(
        self,
        project_id: str,
        export_id: str,
        *,
        timeout: float | None = 60,  # noqa: ASYNC109
    ) -> Export:
        """The export when it is no longer being packed, however that ended.

        Raises: Timeout after `timeout` seconds.
        """
        return self._until(
            lambda export: export.status != "processing",
            lambda: self.get(project_id, export_id),
            timeout,
        )

    def download(self, project_id: str, export_id: str, path: str | Path) -> Path:
        """Write the archive to a file, or under its own name into a folder; the file's path.

        The file appears only when it is complete and its SHA-256 is that of the export.

        Raises: ConflictError before it is packed, GoneError after it has expired,
            ChecksumMismatch, ConnectionFailed, OSError.
        """
        export = self.get(project_id, export_id)
        target = target_of(path, export)
        call = download_export.call(project_id, export_id)
        with self._transport.stream(call, "*/*") as response:
            with verified_file(target, export.sha256) as sink:
                for chunk in response.iter_bytes():
                    sink.write(chunk)
        return target
