"""Named queries: each is valid SQL, each is used, each that is used exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db import queries
from db.queries import load, nouns

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted((ROOT / "services").rglob("*.py"))
ALL = [query for noun in nouns() for query in load(noun).all.values()]


@pytest.fixture(scope="module")
def connection(cluster: str, template: str) -> Iterator[psycopg.Connection]:
    """The owner's connection to a clone of the template."""
    with psycopg.connect(cluster, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "queries" TEMPLATE "{template}"'.encode())
        url = psycopg.conninfo.make_conninfo(cluster, dbname="queries")
        with psycopg.connect(url, autocommit=True) as connected:
            yield connected
        server.execute("DROP DATABASE queries WITH (FORCE)")


@pytest.mark.parametrize("query", ALL, ids=[query.name for query in ALL])
def test_a_query_can_be_prepared(connection: psycopg.Connection, query: queries.Query) -> None:
    numbers: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        return f"${numbers.setdefault(match[1], len(numbers) + 1)}"

    text = re.sub(r"%\((\w+)\)s", place, query.text.decode()).replace("%%", "%")
    connection.execute(f"PREPARE checked AS {text}".encode())
    connection.execute("DEALLOCATE checked")


def test_every_query_is_used_and_every_used_query_exists() -> None:
    used = {name for path in SERVICES for name in used_in(path)}
    assert used == {query.name for query in ALL}


def used_in(path: Path) -> Iterator[str]:
    """`noun.name` of each query that a module uses, its own or a neighbour's."""
    tree = ast.parse(path.read_text())
    loaded = loads(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=variable), attr=name) if variable in loaded:
                yield f"{loaded[variable]}.{name}"
            case ast.Attribute(value=ast.Attribute(attr="sql", value=ast.Name(id=noun)), attr=name):
                yield f"{noun}.{name}"


def loads(tree: ast.Module) -> dict[str, str]:
    """The module's variables that hold queries, with the noun of each."""
    found = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=variable)],
                value=ast.Call(func=ast.Name(id="load"), args=[ast.Constant(value=str(noun))]),
            ):
                found[variable] = noun
            case ast.ImportFrom(module=str(module), names=names):
                for alias in names:
                    if alias.name.endswith("sql"):
                        source = ROOT / f"{module.replace('.', '/')}.py"
                        found[alias.asname or alias.name] = loads(ast.parse(source.read_text()))[
                            alias.name
                        ]
    return found


def test_a_query_that_is_missing_is_named() -> None:
    with pytest.raises(AttributeError, match="no query is named no_such_query"):
        _ = load("engine").no_such_query


def test_a_name_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FOLDER", tmp_path)
    (tmp_path / "twice.sql").write_text("-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n")
    with pytest.raises(ValueError, match=r"twice\.sql"):
        load("twice")
