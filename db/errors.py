"""What can go wrong at the database, without psycopg's names."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import psycopg_pool


class DatabaseError(Exception):
    """The database refused a statement."""


class ConstraintViolated(DatabaseError):
    """A named constraint refused a row."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class DatabaseUnavailable(DatabaseError):
    """The database cannot be reached, is overloaded or gave way to another transaction."""


class DatabaseAway(DatabaseUnavailable):
    """The database is down, only reads or has no room: nothing that the statement could change."""


OUTAGES = ("08", "25006", "53", "57P", "58")
"""Lost connection, read-only, no disk or memory, shutting down, its files cannot be used.

Source: PostgreSQL 18, appendix A. The state is missing if the server could not say anything.
"""
TRANSIENT = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg_pool.PoolTimeout,
    psycopg_pool.PoolClosed,
    psycopg_pool.TooManyRequests,
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors of this module for those of psycopg."""
    try:
        yield
    except psycopg.IntegrityError as error:
        raise ConstraintViolated(error.diag.constraint_name or "unnamed") from error
    except psycopg.errors.PipelineAborted as error:
        raise DatabaseUnavailable(type(error).__name__) from error
    except TRANSIENT as error:
        away = error.sqlstate is None or error.sqlstate.startswith(OUTAGES)
        raise (DatabaseAway if away else DatabaseUnavailable)(type(error).__name__) from error
