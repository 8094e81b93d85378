"""Named SQL queries, one file per noun.

A query begins with `-- name: verb_noun` and ends where the next begins; parameters are `%(name)s`.
"""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "queries"
NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
UNSEEN = {"solo"}
"""What no kept read shows: thousands of jobs a second must not take kept answers back."""
CHANGE = re.compile(rb"\b(INSERT|UPDATE|DELETE|MERGE)\b")


class Query(NamedTuple):
    """A query as `noun.name`, its text, and whether it may change what a kept read shows."""

    name: str
    text: bytes
    changes: bool = True


class Queries:
    """The queries of one file as attributes."""

    def __init__(self, queries: dict[str, Query]) -> None:
        self.all = queries

    def __getattr__(self, name: str) -> Query:
        try:
            return self.all[name]
        except KeyError:
            raise AttributeError(f"no query is named {name}") from None


def load(noun: str) -> Queries:
    """Read `db/queries/<noun>.sql`.

    Raises: ValueError if two queries share a name or text stands before the first.
    """
    head, *parts = NAME.split((FOLDER / f"{noun}.sql").read_text(encoding="utf-8"))
    names, texts = parts[::2], parts[1::2]
    if head.strip() or len(set(names)) != len(names):
        raise ValueError(f"{noun}.sql: text before the first query, or a name twice")
    return Queries(
        {
            name: query(f"{noun}.{name}", text.strip().encode())
            for name, text in zip(names, texts, strict=True)
        }
    )


def query(name: str, text: bytes) -> Query:
    """A query that changes rows if it says so anywhere; `FOR UPDATE` counts too, to be safe."""
    seen = name.partition(".")[0] not in UNSEEN
    return Query(name, text, seen and CHANGE.search(text) is not None)


def nouns() -> list[str]:
    """The nouns that have queries."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))
