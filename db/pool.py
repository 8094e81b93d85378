"""Connections and transactions. The only way from Python to SQL.

A transaction belongs to one tenant (`transaction`) or to the machinery (`system`); BEGIN and the
tenant's setting travel with the first statement.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.generators import send
from psycopg.types.json import Json, Jsonb
from psycopg_pool import AsyncConnectionPool

from db.answers import STATEMENT_S, Connection
from db.errors import translated
from db.queries import Query
from db.rows import register, struct_row

T = TypeVar("T")

SESSION = (
    f"-c timezone=UTC -c statement_timeout={STATEMENT_S}s -c lock_timeout=10s "
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off "
    "-c jit=off"
)
"""Plans are kept from a time when tables were empty: they must be right when these are full."""
LIMITS = {"prazium_app": ("60s", "300s"), "prazium_system": ("5s", "60s")}
"""So long a transaction may be idle, and take in all, by role.

What a process that stands still has locked is free then. Claims keep the tasks of all tenants, and
do nothing but ask; a tenant's transaction moves a branch now and then, or begins a thousand graphs.
"""
BOUND = b"""SELECT set_config('idle_in_transaction_session_timeout', %s, false),
    (SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'transaction_timeout')"""
"""PostgreSQL knows the second from 17 on. It alone holds for a process that stopped before it could
say that its statement is whole: that counts as active."""
REACH = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8000,
}
"""So soon a server that has vanished is noticed (seconds, the last in ms); the URL may say else."""
RECONNECT_S = 5.0
SET_TENANT = b"""SELECT set_config('prazium.tenant', %(tenant)s, true),
    set_config('prazium.request', %(request_id)s, true),
    set_config('prazium.traceparent', %(traceparent)s, true),
    set_config('prazium.tracestate', %(tracestate)s, true)"""

ENTER = b"""SELECT set_config('role', 'prazium_app', true),
    set_config('prazium.tenant', %(tenant)s, true)"""


class Transaction:
    """An open transaction; every method takes a named query and its parameters."""

    def __init__(
        self, connection: Connection, pipeline: psycopg.AsyncPipeline, tenant: str = ""
    ) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self.tenant = tenant
        """The tenant that it is in; empty for the machinery."""
        self.hints: list[tuple[str, str]] = []
        self.reminders: list[tuple[str, str, float]] = []
        self.changed = False

    async def one(self, query: Query, struct: type[T], **parameters: Any) -> T:
        """The only row.

        Raises: LookupError if there is none.
        """
        row = await self.first(query, struct, **parameters)
        if row is None:
            raise LookupError(query.name)
        return row

    async def first(self, query: Query, struct: type[T], **parameters: Any) -> T | None:
        """The first row, or None."""
        rows = await self.all(query, struct, **parameters)
        return rows[0] if rows else None

    async def all(self, query: Query, struct: type[T], **parameters: Any) -> list[T]:
        """All rows, as structs whose attributes are the columns."""
        cursor = self._connection.cursor(row_factory=struct_row(struct))
        await self._execute(cursor, query, parameters)
        return await cursor.fetchall()

    async def value(self, query: Query, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        cursor = self._connection.cursor()
        await self._execute(cursor, query, parameters)
        row = await cursor.fetchone()
        return row[0] if row else None

    async def run(self, query: Query, **parameters: Any) -> int:
        """Execute a statement that returns no rows; the number of rows it touched."""
        cursor = self._connection.cursor()
        await self._execute(cursor, query, parameters)
        return cursor.rowcount

    async def run_many(self, query: Query, rows: list[dict[str, Any]]) -> None:
        """Execute a statement once per row, in one round trip."""
        cursor = self._connection.cursor()
        self.changed = True
        await cursor.executemany(query.text, [adapted(row) for row in rows])

    async def enter(self, tenant: str) -> None:
        """Go on in a tenant, as the application: what follows sees its rows alone."""
        await self._connection.execute(ENTER, {"tenant": tenant})
        self.tenant = tenant

    async def _execute(
        self, cursor: psycopg.AsyncCursor[Any], query: Query, parameters: dict[str, Any]
    ) -> None:
        """Execute a statement and take its answer, in one round trip with what is queued.

        Without the sync, the server would not count a stopped process as idle in its transaction,
        and never free its locks.
        """
        self.changed |= query.changes
        await cursor.execute(query.text, adapted(parameters))
        await self._send_all()
        await self._pipeline.sync()

    async def _send_all(self) -> None:
        """Send what the socket did not take at once.

        psycopg would only read from here on; the server waits for the rest of a long statement.
        """
        if self._connection.pgconn.flush():
            await self._connection.wait(send(self._connection.pgconn))

    def hint(self, topic: str, key: str) -> None:
        """Wake whoever waits for `key` once this transaction has committed."""
        self.hints.append((topic, key))

    def remind(self, topic: str, key: str, seconds: float) -> None:
        """Wake whoever waits for `key` in this process so long after this transaction."""
        self.reminders.append((topic, key, seconds))


def adapted(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters with structs and dicts as JSONB; a list is an array unless wrapped by `jsonb`."""
    return {
        name: Jsonb(value) if isinstance(value, dict | msgspec.Struct) else value
        for name, value in parameters.items()
    }


def id_array(values: Iterable[str]) -> str:
    """A parameter that is an array of ids; they need none of the quotes that texts might."""
    return f"{{{','.join(values)}}}"


def jsonb(value: Any) -> Jsonb:
    """A parameter that is stored as JSONB."""
    return Jsonb(value)


def records(rows: Sequence[Any]) -> Json:
    """A parameter for json_to_recordset: each row is a struct or dict with its columns."""
    return Json(rows)


class Database:
    """The pools of one process: one per role."""

    def __init__(self, url: str, *, size: int = 8, timeout: float = 0.7) -> None:
        self.url = url
        self._app = pool(url, "prazium_app", size, timeout)
        self._system = pool(url, "prazium_system", max(2, size // 4), timeout)

    async def open(self) -> None:
        """Connect, and check that no role can get around the policies.

        Raises: DatabaseUnavailable, or RuntimeError if a role is a superuser or bypasses them.
        """
        with translated():
            await self._app.open(wait=True, timeout=30)
            await self._system.open(wait=True, timeout=30)
        for connections in (self._app, self._system):
            await refuse_bypass(connections)

    async def close(self) -> None:
        """Close all connections."""
        await self._app.close()
        await self._system.close()

    async def renew(self) -> None:
        """Replace the idle connections that an outage has cut, before a request meets them."""
        for connections in (self._app, self._system):
            await connections.check()

    def connections(self) -> dict[str, dict[str, int]]:
        """For each pool how many connections are open and in use, and how many wait for one."""
        return {pool.name: usage(pool.get_stats()) for pool in (self._app, self._system)}

    @asynccontextmanager
    async def transaction(
        self, tenant: str, *, request_id: str = "", traceparent: str = "", tracestate: str = ""
    ) -> AsyncIterator[Transaction]:
        """A transaction that sees one tenant's rows; those that it adds tell where they come from.

        Raises: ConstraintViolated, DatabaseUnavailable.
        """
        settings = {
            "tenant": tenant,
            "request_id": request_id,
            "traceparent": traceparent,
            "tracestate": tracestate,
        }
        async with begun(self._app) as (connection, pipeline):
            await connection.execute(SET_TENANT, settings)
            yield Transaction(connection, pipeline, tenant)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """A transaction of the machinery, across tenants.

        Raises: ConstraintViolated, DatabaseUnavailable.
        """
        async with begun(self._system) as (connection, pipeline):
            yield Transaction(connection, pipeline)


@asynccontextmanager
async def begun(
    connections: "AsyncConnectionPool[Connection]",
) -> AsyncIterator[tuple[Connection, psycopg.AsyncPipeline]]:
    """A pooled connection in a pipelined transaction."""
    with translated():
        async with (
            lent(connections) as connection,
            connection.pipeline() as pipeline,
            connection.transaction(),
        ):
            yield connection, pipeline


@asynccontextmanager
async def lent(connections: "AsyncConnectionPool[Connection]") -> AsyncIterator[Connection]:
    """A pooled connection that goes back whatever happens.

    Who is cancelled by anyio, as a stream whose client leaves, is cancelled again at each await:
    also where the connection waits for its place in the pool, which would miss it for ever.
    """
    connection = await connections.getconn()
    try:
        yield connection
    finally:
        await asyncio.shield(connections.putconn(connection))


def pool(url: str, role: str, size: int, timeout: float) -> "AsyncConnectionPool[Connection]":
    """A small pool whose sessions have the role from their first moment.

    It never stops trying to connect: each series of attempts with growing pauses is followed by
    another, so that a pause is a few seconds at most however long the outage was.
    """
    given = conninfo_to_dict(url).get("options") or ""
    return AsyncConnectionPool(
        reaching(url, options=f"{given} {SESSION} -c role={role}".strip()),
        connection_class=Connection,
        min_size=1,
        max_size=size,
        timeout=timeout,
        reconnect_timeout=RECONNECT_S,
        reconnect_failed=AsyncConnectionPool.check,
        configure=partial(configure, limits=LIMITS[role]),
        open=False,
        name=role,
    )


def reaching(url: str, **more: Any) -> str:
    """The URL with limits of time for what the network may do to a connection."""
    return make_conninfo(**(REACH | conninfo_to_dict(url) | more))


def usage(stats: dict[str, int]) -> dict[str, int]:
    """The state of a pool from its own figures."""
    size = stats["pool_size"]
    waiting = stats["requests_waiting"]
    return {"open": size, "in_use": size - stats["pool_available"], "waiting": waiting}


async def configure(connection: Connection, limits: tuple[str, str]) -> None:
    """Prepare a new session."""
    register(connection)
    await connection.execute(BOUND, limits)
    await connection.commit()


async def refuse_bypass(connections: "AsyncConnectionPool[Connection]") -> None:
    """Stop a process whose role could read past row-level security."""
    with translated():
        async with connections.connection() as connection:
            cursor = await connection.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            row = await cursor.fetchone()
    if row is None or row[0]:
        raise RuntimeError("The database role can bypass row-level security.")
