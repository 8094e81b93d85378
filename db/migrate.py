"""Migrations: numbered files, applied in order, once, under an advisory lock."""

import hashlib
from pathlib import Path

import psycopg

from db.errors import translated

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_248_301_955
ROLES = ("prazium_app", "prazium_system")
LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migration (
    name        text PRIMARY KEY,
    sha256      text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationChanged(Exception):
    """A migration that has been applied is not the file of that name any more."""


class MigrationFailed(Exception):
    """The database refuses a migration; the message names both."""


class RoleNotGranted(Exception):
    """The database user may not act as one of our roles; the message says what helps."""


def migrate(url: str, *, wait_s: int = 60) -> list[str]:
    """Bring the database up to date and return the names of what was applied.

    Several processes may call this at once: one works, the others wait and find it done.
    Raises: MigrationChanged, MigrationFailed, RoleNotGranted, DatabaseUnavailable.
    """
    with translated(), psycopg.connect(url, autocommit=True, connect_timeout=wait_s) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        try:
            connection.execute(LEDGER)
            rows = connection.execute("SELECT name, sha256 FROM schema_migration").fetchall()
            applied: dict[str, str] = dict(rows)
            done = [path.stem for path in files() if apply(connection, path, applied)]
            check_roles(connection)
            return done
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def files() -> list[Path]:
    """The migrations in their order."""
    return sorted(FOLDER.glob("[0-9]*.sql"))


def apply(connection: psycopg.Connection, path: Path, applied: dict[str, str]) -> bool:
    """Apply one migration in a transaction of its own, unless it is applied already."""
    text = path.read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    if path.stem in applied:
        if applied[path.stem] != digest:
            raise MigrationChanged(path.stem)
        return False
    try:
        with connection.transaction():
            connection.execute(text)
            connection.execute(
                "INSERT INTO schema_migration (name, sha256) VALUES (%s, %s)", (path.stem, digest)
            )
    except psycopg.ProgrammingError as error:
        raise MigrationFailed(
            f"The migration {path.stem} cannot be applied: {error.diag.message_primary}. Nothing "
            "was changed; is this database empty, or a whole copy of one of ours?"
        ) from error
    return True


def check_roles(connection: psycopg.Connection) -> None:
    """Make sure that sessions can take our roles.

    Raises: RoleNotGranted.
    """
    user = connection.info.user
    for role in ROLES:
        try:
            connection.execute(f"SET ROLE {role}")
        except psycopg.errors.InsufficientPrivilege:
            message = f'As an administrator of the database, run: GRANT {role} TO "{user}";'
            raise RoleNotGranted(message) from None
        connection.execute("RESET ROLE")
