"""Folders for one run of a program each; those that a killed worker has left are removed."""

import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from services.adapters.deletion import delete_folder
from services.threads import in_thread

ABANDONED_S = 2 * 3600
"""No program in such a folder may run for so long."""


@contextlib.asynccontextmanager
async def scratch(parent: Path) -> AsyncIterator[Path]:
    """An empty folder in `parent`, which is made; it is gone afterwards, whatever happened."""
    folder = await in_thread(_fresh, parent)
    try:
        yield folder
    finally:
        await in_thread(delete_folder, folder)


def _fresh(parent: Path) -> Path:
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another worker was first
            if time.time() - folder.stat().st_mtime > ABANDONED_S:
                delete_folder(folder)
    return Path(tempfile.mkdtemp(dir=parent))
