"""Tenants never meet, whatever a query forgets."""

import asyncio
import random
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db.errors import DatabaseUnavailable
from db.pool import Database
from db.queries import Query
from services import keys
from services.context import App, new_id, system_transaction

UNSET, EMPTY = "RESET prazium.tenant", "SET prazium.tenant = ''"
TENANT_TABLES = """
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND (column_name = 'tenant_id' OR table_name = 'tenant')
      AND table_name NOT IN (SELECT relname FROM pg_class WHERE relispartition)
    GROUP BY table_name ORDER BY table_name
"""
GRANTED = """
    SELECT DISTINCT table_name FROM information_schema.table_privileges
    WHERE table_schema = 'public' AND grantee IN ('prazium_app', 'prazium_system', 'PUBLIC')
    UNION
    SELECT DISTINCT table_name FROM information_schema.column_privileges
    WHERE table_schema = 'public' AND grantee IN ('prazium_app', 'prazium_system', 'PUBLIC')
"""
OPEN_PARTITIONS = """
    SELECT relname::text FROM pg_class
    WHERE relispartition AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)
"""
UNPROTECTED = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
      AND NOT relispartition
      AND NOT (relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))
"""
SLEEP = Query("test.sleep", b"SELECT pg_sleep(%(seconds)s)")
CURRENT = Query("test.current", b"SELECT current_setting('prazium.tenant', true)")


@pytest.fixture(scope="module")
def refusing(cluster: str, template: str) -> Iterator[str]:
    """A database that no test of this module can change."""
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE refusing TEMPLATE "{template}"'.encode())
        yield make_conninfo(cluster, dbname="refusing")
        connection.execute("DROP DATABASE refusing WITH (FORCE)")


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    """A connection of the database's owner."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def as_role(database: str, role: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(database, options=f"-c role={role}"), autocommit=True)


def names(connection: psycopg.Connection, statement: str) -> list[str]:
    return [row[0] for row in connection.execute(statement.encode()).fetchall()]


def put_rows_of_two_tenants(owner: psycopg.Connection) -> None:
    """One row in every table of a tenant, for two tenants, past the policies."""
    owner.execute("SET session_replication_role = replica")
    for tenant in ("ten_a", "ten_b"):
        owner.execute("INSERT INTO tenant (id, name) VALUES (%s, %s)", (tenant, tenant))
        for table in names(owner, TENANT_TABLES):
            if table != "tenant":
                put_row(owner, table, tenant)


def put_row(owner: psycopg.Connection, table: str, tenant: str) -> None:
    """A row of made-up values in the columns that need one."""
    columns = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL "
        "AND is_identity = 'NO' AND is_generated = 'NEVER' AND column_name <> 'tenant_id'",
        (table,),
    ).fetchall()
    checked = {"status": "executing", "format": "zip", "level": "info"}
    checked |= {"catch_up": "all", "overlap": "skip"}
    by_type = {"jsonb": "{}", "integer": "1", "bigint": "1", "bytea": tenant, "ARRAY": "{}"}
    values = [
        "2030-01-01" if "time" in kind else by_type.get(kind, checked.get(name, f"{name}_{tenant}"))
        for name, kind in columns
    ]
    listed = ", ".join(["tenant_id", *(name for name, _ in columns)])
    places = ", ".join(["%s"] * (len(values) + 1))
    statement = f"INSERT INTO {table} ({listed}) VALUES ({places})"
    owner.execute(statement.encode(), (tenant, *values))


def test_every_table_that_a_role_can_reach_forces_its_policies(owner: psycopg.Connection) -> None:
    reachable = set(names(owner, GRANTED)) | set(names(owner, TENANT_TABLES))
    assert {"project", "event", "worker", "tenant"} <= reachable
    assert not reachable & set(names(owner, UNPROTECTED)), "ENABLE and FORCE row-level security"


def test_partitions_are_closed_to_all_who_do_not_come_through_their_table(
    owner: psycopg.Connection,
) -> None:
    partitions = names(owner, "SELECT relname::text FROM pg_class WHERE relispartition")
    assert {"run_kept", "task_kept", "event_kept"} < set(partitions)
    assert not set(partitions) & set(names(owner, GRANTED))
    assert names(owner, OPEN_PARTITIONS) == []


def test_a_new_table_without_a_policy_is_found(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE loose (tenant_id text)")
    assert "loose" in names(owner, TENANT_TABLES)
    assert "loose" in names(owner, UNPROTECTED)


def test_every_policy_of_the_application_compares_the_tenant(owner: psycopg.Connection) -> None:
    policies = owner.execute(
        "SELECT tablename, permissive, cmd, coalesce(qual, ''), with_check FROM pg_policies "
        "WHERE 'prazium_app' = ANY(roles) OR 'public' = ANY(roles)"
    ).fetchall()
    assert sorted(row[0] for row in policies) == names(owner, TENANT_TABLES)
    for table, _, command, condition, check in policies:
        column = "id" if table == "tenant" else "tenant_id"
        assert (command, check) == ("ALL", None), table
        assert condition.startswith(f"({column} = ( SELECT NULLIF(current_setting("), table


def test_the_roles_own_nothing_and_cannot_bypass(owner: psycopg.Connection) -> None:
    roles = owner.execute(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin "
        "FROM pg_roles WHERE rolname IN ('prazium_app', 'prazium_system') ORDER BY rolname"
    ).fetchall()
    assert roles == [("prazium_app", False), ("prazium_system", False)]
    owned = owner.execute(
        "SELECT count(*) FROM pg_class WHERE relowner IN ('prazium_app'::regrole, "
        "'prazium_system'::regrole)"
    ).fetchone()
    assert owned == (0,)
    memberships = owner.execute(
        "SELECT count(*) FROM pg_auth_members WHERE member IN ('prazium_app'::regrole, "
        "'prazium_system'::regrole)"
    ).fetchone()
    assert memberships == (0,)


@pytest.mark.parametrize("setting", [UNSET, EMPTY, "SET prazium.tenant = 'ten_missing'"])
def test_without_a_tenant_every_table_is_empty(
    database: str, owner: psycopg.Connection, setting: str
) -> None:
    put_rows_of_two_tenants(owner)
    with as_role(database, "prazium_app") as connection:
        connection.execute(setting.encode())
        for table in readable(owner):
            assert names(connection, f"SELECT 1 FROM {table}") == [], table


def test_a_tenant_sees_its_own_row_of_every_table(database: str, owner: psycopg.Connection) -> None:
    put_rows_of_two_tenants(owner)
    with as_role(database, "prazium_app") as connection:
        connection.execute("SET prazium.tenant = 'ten_a'")
        for table in readable(owner):
            column = "id" if table == "tenant" else "tenant_id"
            assert names(connection, f"SELECT {column} FROM {table}") == ["ten_a"], table


def readable(owner: psycopg.Connection) -> list[str]:
    """The tables that the application may select from."""
    tables = names(
        owner,
        "SELECT table_name FROM information_schema.table_privileges "
        "WHERE grantee = 'prazium_app' AND privilege_type = 'SELECT' ORDER BY table_name",
    )
    assert len(tables) >= 8
    return tables


def test_a_row_cannot_be_written_for_or_moved_to_another_tenant(
    database: str, owner: psycopg.Connection
) -> None:
    put_rows_of_two_tenants(owner)
    insert = (
        "INSERT INTO project (tenant_id, id, name, description) VALUES ('ten_b', 'p', 'n', 'd')"
    )
    move = "UPDATE project SET tenant_id = 'ten_b'"
    with as_role(database, "prazium_app") as connection:
        connection.execute("SET prazium.tenant = 'ten_a'")
        for statement in (insert, move):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(statement.encode())
        touched = connection.execute("UPDATE project SET name = 'x' WHERE tenant_id = 'ten_b'")
        assert touched.rowcount == 0


def test_a_reference_cannot_lead_to_another_tenants_row(
    database: str, owner: psycopg.Connection
) -> None:
    put_rows_of_two_tenants(owner)
    with as_role(database, "prazium_app") as connection:
        connection.execute("SET prazium.tenant = 'ten_a'")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute(
                "INSERT INTO event (id, project_id, type, payload) "
                "VALUES ('evt_x', 'id_ten_b', 'project.created', '{}')"
            )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT description FROM project",
        "SELECT payload FROM event",
        "SELECT documents FROM spec",
        "SELECT input FROM run",
        "SELECT definition FROM task",
        "SELECT result FROM task",
        "UPDATE run SET status = 'failed'",
        "DELETE FROM task",
        "INSERT INTO ready (tenant_id, task_id, run_id) VALUES ('ten_a', 't', 'r')",
    ],
)
def test_the_machinery_cannot_read_or_write_what_it_does_not_need(
    refusing: str, statement: str
) -> None:
    with (
        as_role(refusing, "prazium_system") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM api_key",
        "SELECT * FROM worker",
        "SELECT * FROM schema_migration",
        "DELETE FROM event",
        "UPDATE event SET payload = '{}'",
        "DELETE FROM project",
        "UPDATE tenant SET tier = 'enterprise'",
        "ALTER TABLE project NO FORCE ROW LEVEL SECURITY",
        "CREATE TABLE mine (id text)",
    ],
)
def test_the_application_cannot_do_what_no_request_needs(refusing: str, statement: str) -> None:
    with (
        as_role(refusing, "prazium_app") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


async def test_a_process_does_not_start_with_a_role_that_bypasses(
    database: str, owner: psycopg.Connection
) -> None:
    owner.execute("ALTER ROLE prazium_app BYPASSRLS")
    opened = Database(database, size=1)
    try:
        with pytest.raises(RuntimeError, match="bypass"):
            await opened.open()
    finally:
        owner.execute("ALTER ROLE prazium_app NOBYPASSRLS")
        await opened.close()


async def test_two_thousand_transactions_with_cancellations_leak_no_tenant(app: App) -> None:
    tenants = [new_id("ten") for _ in range(20)]
    async with system_transaction(app) as tx:
        for tenant in tenants:
            await tx.run(keys.sql.create_tenant, id=tenant, name=tenant, tier="free")
    for tenant in tenants:
        async with app.db.transaction(tenant) as tx:
            await tx.run(INSERT, id=new_id("proj"))
    dice, seen = random.Random(7), list[tuple[int, int]]()

    async def look(tenant: str, pause: float) -> None:
        async with app.db.transaction(tenant) as tx:
            if pause:
                await tx.value(SLEEP, seconds=pause)
            assert await tx.value(CURRENT) == tenant
            seen.append((await tx.value(OWN, tenant=tenant), await tx.value(ALL)))

    async def maybe_cancelled() -> None:
        task = asyncio.create_task(look(dice.choice(tenants), dice.choice([0, 0, 0, 0.01])))
        if dice.random() < 0.2:
            await asyncio.sleep(dice.random() * 0.02)
            task.cancel()
        await asyncio.gather(task, return_exceptions=False)

    async def many(count: int) -> list[BaseException]:
        found: list[BaseException] = []
        for _ in range(count):
            try:
                await maybe_cancelled()
            except (asyncio.CancelledError, DatabaseUnavailable) as error:
                found.append(error)
        return found

    raised = [e for part in await asyncio.gather(*(many(125) for _ in range(16))) for e in part]
    assert set(seen) == {(1, 1)}
    assert len(seen) > 1500
    assert all(isinstance(error, asyncio.CancelledError) for error in raised)
    assert len(raised) > 20


INSERT = Query(
    "test.insert", b"INSERT INTO project (id, name, description) VALUES (%(id)s, %(id)s, 'd')"
)
OWN = Query("test.own", b"SELECT count(*) FROM project WHERE tenant_id = %(tenant)s")
ALL = Query("test.all", b"SELECT count(*) FROM project")
