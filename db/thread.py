"""A connection for a thread of its own, outside the event loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from psycopg.rows import class_row

from db.answers import ThreadConnection
from db.errors import translated
from db.pool import SESSION, reaching
from db.queries import Query

T = TypeVar("T")


class ThreadSession:
    """Autocommitted statements, one at a time."""

    def __init__(self, connection: ThreadConnection) -> None:
        self._connection = connection

    def all(self, query: Query, struct: type[T], **parameters: Any) -> list[T]:
        """All rows as structs.

        Raises: DatabaseUnavailable.
        """
        with translated():
            cursor = self._connection.cursor(row_factory=class_row(struct))
            return cursor.execute(query.text, parameters).fetchall()

    def run(self, query: Query, **parameters: Any) -> None:
        """Execute a statement.

        Raises: DatabaseUnavailable.
        """
        with translated():
            self._connection.execute(query.text, parameters)


@contextmanager
def session(url: str, role: str) -> Iterator[ThreadSession]:
    """A connection with the role from its first moment.

    Raises: DatabaseUnavailable.
    """
    options = reaching(url, options=f"{SESSION} -c role={role}")
    with translated():
        connection = ThreadConnection.connect(options, autocommit=True)
    with connection:
        yield ThreadSession(connection)
