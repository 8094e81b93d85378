"""The database of the legs with SQL: 200 tenants with 50 projects each, every one with a spec."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.gateway.payloads import PROJECT_ID
from db import embedded
from db.migrate import migrate
from services import keys
from services.context import opened
from services.settings import Settings

DOCUMENT = "A clinic keeps pets, owners and visits; each visit belongs to one pet. " * 7
FILL = """
INSERT INTO tenant (id, name) SELECT 'ten_' || t, 'tenant ' || t FROM generate_series(1, 200) t;
INSERT INTO project (tenant_id, id, name, description, created_at, updated_at)
SELECT 'ten_' || t, CASE WHEN t = 1 AND p = 1 THEN '{project}' ELSE
       'proj_0' || translate(lpad(t * 1000 + p || '', 25, '0'), 'ilou', 'abcd') END,
       'project ' || p, 'A clinic with pets, owners and visits.',
       '2026-01-15 10:30+00', '2026-01-15 10:30+00'
FROM generate_series(1, 200) t, generate_series(1, 50) p;
INSERT INTO spec (tenant_id, project_id, version, brief, created_at, documents)
SELECT tenant_id, id, 1, '{{}}', created_at, jsonb_build_object(
    'SPEC.md', '{document}', 'ACCEPTANCE.md', '{document}',
    'ROUTES.md', '{document}', 'DATA.md', '{document}') FROM project;
"""


@dataclass(frozen=True)
class Filled:
    """A running PostgreSQL with data, and a key of the first tenant."""

    url: str
    key: str
    folder: Path

    def postmaster(self) -> int:
        """The process that all of PostgreSQL's belong to."""
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    def settle(self) -> None:
        """Vacuum, analyse and checkpoint, so that no leg pays for the one before."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


@contextlib.contextmanager
def filled() -> Iterator[Filled]:
    """An embedded PostgreSQL of its own, with what is the default of durability."""
    with (
        tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as name,
        embedded.server(Path(name) / "postgres") as url,
    ):
        migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILL.format(project=PROJECT_ID, document=DOCUMENT).encode())
        found = Filled(url, asyncio.run(new_key(url)), Path(name))
        found.settle()
        yield found


async def new_key(url: str) -> str:
    """A key of the first tenant."""
    async with opened(Settings(), url) as app:
        return await keys.create_key(app, "tenant 1", "bench")
