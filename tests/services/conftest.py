"""What services write into the log is what the contract says."""

from collections.abc import Iterator

import psycopg
import pytest

from services.engine.events import channel_type
from tests.contract.walk import schema_of

LOGGED = "SELECT DISTINCT type, payload FROM event"


@pytest.fixture
def database(database: str) -> Iterator[str]:
    """A fresh database; all that was written into its log by the test fits the contract."""
    yield database
    with psycopg.connect(database) as connection:
        written = connection.execute(LOGGED).fetchall()
    problems = [
        f"{kind}{''.join(f'/{part}' for part in error.instance_path)}: {error.message}"
        for kind, payload in written
        for error in schema_of(payload_of(kind)).iter_errors(payload)
    ]
    assert problems == []


def payload_of(stored: str) -> str:
    """`task.started` → `TaskStarted`, the schema of its payload."""
    return "".join(word.capitalize() for word in channel_type(stored).split("_"))
