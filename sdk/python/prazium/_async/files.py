"""client.files"""

import builtins

from .._files import FileContent
from .._generated.api.files import get_file, list_files, list_refs
from ..models import FileList, RefEntry
from .resource import AsyncResource


class AsyncFiles(AsyncResource):
    """The repository of a project, read-only; a ref is a branch, a tag or a commit."""

    async def list(self, project_id: str, path: str = "/", *, ref: str = "main") -> FileList:
        """The entries of a folder, folders first."""
        return await self._data(list_files.call(project_id, path=path, ref=ref))

    async def read(self, project_id: str, path: str, *, ref: str = "main") -> FileContent:
        """A file of at most 1 MiB.

        Raises: NotFoundError, PayloadTooLargeError.
        """
        return FileContent.of(await self._data(get_file.call(project_id, path, ref=ref)))

    async def refs(self, project_id: str) -> builtins.list[RefEntry]:
        """The branches and tags, `main` first."""
        return await self._data(list_refs.call(project_id))
