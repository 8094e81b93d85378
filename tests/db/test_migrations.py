"""Migrations: once, in order, by one process at a time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import db.migrate
from db.errors import DatabaseUnavailable
from db.migrate import MigrationChanged, MigrationFailed, files, migrate

MIGRATE = "import sys; from db.migrate import migrate; print(*migrate(sys.argv[1]))"


@pytest.fixture
def empty(cluster: str) -> Iterator[str]:
    """The URL of a database without a table."""
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute("CREATE DATABASE unmigrated")
        yield make_conninfo(cluster, dbname="unmigrated")
        connection.execute("DROP DATABASE unmigrated WITH (FORCE)")


def test_a_second_call_finds_everything_applied(empty: str) -> None:
    assert migrate(empty) == [path.stem for path in files()]
    assert migrate(empty) == []


def test_of_four_processes_one_works_and_the_others_find_it_done(empty: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, empty], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, answers
    applied = [out.decode().split() for out, _ in answers if out.strip()]
    assert applied == [[path.stem for path in files()]]


def test_a_changed_migration_is_refused(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.migrate, "FOLDER", tmp_path)
    migration = tmp_path / "0001_first.sql"
    migration.write_text("CREATE TABLE one (id text)")
    migrate(empty)
    migration.write_text("CREATE TABLE other (id text)")
    with pytest.raises(MigrationChanged, match="0001_first"):
        migrate(empty)


def test_a_migration_that_fails_leaves_nothing_and_can_be_repeated(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.migrate, "FOLDER", tmp_path)
    migration = tmp_path / "0001_first.sql"
    migration.write_text("CREATE TABLE one (id text); SELECT 1/0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty)
    migration.write_text("CREATE TABLE one (id text)")
    assert migrate(empty) == ["0001_first"]


def test_a_database_that_holds_something_else_is_named_as_the_reason(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE TABLE tenant (id text)")
    with pytest.raises(MigrationFailed, match=r'0001_first .* relation "tenant" already exists'):
        migrate(empty)


def test_a_database_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        migrate(f"postgresql:///x?host={tmp_path}")
