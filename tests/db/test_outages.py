"""The database goes away and comes back: Unavailable meanwhile, and nothing to be done by hand."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator

import anyio
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db import answers, pool
from db.answers import Connection
from db.errors import DatabaseAway, DatabaseUnavailable
from db.pool import Database
from db.queries import Query
from db.thread import session

PING = Query("test.ping", b"SELECT 1")
SLEEP = Query("test.sleep", b"SELECT pg_sleep(%(seconds)s)")
SEE = Query("test.see", b"INSERT INTO worker (id) VALUES (%(id)s)")
LENGTH = Query("test.length", b"SELECT length(%(text)s::text)")
LOCK = Query("test.lock", b"SELECT pg_advisory_xact_lock(1)")
DIVIDE = Query("test.divide", b"SELECT 1/0")
KILL_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Database]:
    """A small pool that does not wait long."""
    made = Database(database, size=3, timeout=0.5)
    await made.open()
    yield made
    await made.close()


def kill_others(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(KILL_OTHERS.encode())


async def ping(opened: Database) -> int:
    async with opened.transaction("ten_a") as tx:
        value: int = await tx.value(PING)
    return value


async def heals(opened: Database, seconds: float = 5.0) -> float:
    """Seconds until a transaction succeeds; until then there is one kind of error only."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with contextlib.suppress(DatabaseUnavailable):
            await ping(opened)
            return time.monotonic() - began
        await asyncio.sleep(0.02)
    raise AssertionError("it did not heal")


async def test_killed_idle_connections_are_replaced(database: str, opened: Database) -> None:
    assert await ping(opened) == 1
    kill_others(database)
    await heals(opened)


async def test_a_connection_killed_in_a_statement_is_unavailable(
    database: str, opened: Database
) -> None:
    async def long() -> None:
        async with opened.transaction("ten_a") as tx:
            await tx.value(SLEEP, seconds=20)

    task = asyncio.create_task(long())
    await asyncio.sleep(0.3)
    kill_others(database)
    with pytest.raises(DatabaseUnavailable):
        await task
    await heals(opened)


async def test_a_server_that_does_not_answer_in_time_is_away(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "ANSWER_S", 0.3)
    began = time.monotonic()
    with pytest.raises(DatabaseAway):
        async with opened.transaction("ten_a") as tx:
            await tx.value(SLEEP, seconds=20)
    assert time.monotonic() - began < 1
    await heals(opened, 1.0)


def test_a_thread_gives_up_a_server_that_does_not_answer_in_time(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "ANSWER_S", 0.3)
    began = time.monotonic()
    with session(database, "prazium_system") as connection, pytest.raises(DatabaseAway):
        connection.run(SLEEP, seconds=20)
    assert time.monotonic() - began < 1


async def test_who_leaves_while_it_gives_a_connection_back_does_not_keep_it(
    opened: Database,
) -> None:
    left, busy, asked = anyio.CancelScope(), asyncio.Event(), asyncio.Event()

    async def leave() -> None:
        with left:
            async with opened.transaction("ten_a") as tx:
                await tx.value(PING)
                asked.set()
                await busy.wait()

    leaving = asyncio.create_task(leave())
    await asked.wait()
    async with opened._app._lock:  # as in a pool that many want something of
        busy.set()
        await asyncio.sleep(0.1)
        left.cancel()
        await asyncio.sleep(0.1)
    await leaving
    await asyncio.sleep(0.1)
    assert opened.connections()["prazium_app"]["in_use"] == 0


async def test_an_attempt_to_connect_that_is_given_up_is_closed_at_once() -> None:
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gc.disable()
    try:
        with pytest.raises(psycopg.OperationalError):
            await Connection.connect(f"host=127.0.0.1 port={port} connect_timeout=2")
        await asyncio.wait_for(ended.wait(), 1)
    finally:
        gc.enable()
        server.close()


async def test_a_connection_killed_between_statements_is_unavailable(
    database: str, opened: Database
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with opened.transaction("ten_a") as tx:
            await tx.value(PING)
            kill_others(database)
            await tx.value(PING)
    await heals(opened)


async def test_a_connection_killed_before_the_commit_is_unavailable(
    database: str, opened: Database
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with opened.transaction("ten_a") as tx:
            await tx.value(PING)
            kill_others(database)
    await heals(opened)


async def test_kills_under_load_give_only_unavailable_and_heal(
    database: str, opened: Database
) -> None:
    stop, done, refused = asyncio.Event(), 0, 0

    async def caller() -> None:
        nonlocal done, refused
        while not stop.is_set():
            try:
                done += await ping(opened)
            except DatabaseUnavailable:
                refused += 1
                await asyncio.sleep(0.01)

    callers = [asyncio.create_task(caller()) for _ in range(8)]
    for _ in range(20):
        await asyncio.sleep(0.05)
        await asyncio.to_thread(kill_others, database)
    await heals(opened)
    stop.set()
    await asyncio.gather(*callers)
    assert done > 20
    assert refused > 0


async def test_a_database_that_refuses_connections_is_unavailable_until_it_accepts(
    database: str, cluster: str, opened: Database
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(cluster, autocommit=True) as server:
        # Superusers are not refused by a limit of connections; a database in this state refuses.
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await ping(opened)
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await heals(opened, 30)


async def test_a_session_that_idled_in_its_transaction_is_unavailable(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pool.LIMITS, "prazium_app", ("200ms", "60s"))
    opened = Database(database, size=1)
    await opened.open()
    try:
        with pytest.raises(DatabaseUnavailable):
            async with opened.transaction("ten_a") as tx:
                await tx.value(PING)
                await asyncio.sleep(0.6)  # as a stopped process would
                await tx.value(PING)
        await heals(opened)
    finally:
        await opened.close()


async def test_a_session_that_never_ends_its_statement_keeps_its_locks_only_so_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pool.LIMITS, "prazium_app", ("60s", "300ms"))
    opened = Database(database, size=1)
    await opened.open()
    freed = 0
    try:
        with pytest.raises(DatabaseUnavailable):
            async with opened.transaction("ten_a") as tx:
                await tx._connection.execute(LOCK.text)  # sent, but not that it is whole
                with psycopg.connect(database, options="-c lock_timeout=5s") as other:
                    freed = other.execute(LOCK.text).rowcount
        assert freed == 1
    finally:
        await opened.close()


async def test_a_standby_that_only_reads_is_unavailable_for_a_writer(database: str) -> None:
    url = make_conninfo(database, options="-c default_transaction_read_only=on")
    opened = Database(url, size=1)
    await opened.open()
    try:
        assert await ping(opened) == 1
        with pytest.raises(DatabaseUnavailable):
            async with opened.system() as tx:
                await tx.run(SEE, id="wrk_a")
    finally:
        await opened.close()


async def test_a_fault_of_ours_is_not_called_unavailable(opened: Database) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with opened.transaction("ten_a") as tx:
            await tx.value(DIVIDE)
    assert await ping(opened) == 1


async def test_a_statement_that_no_socket_takes_at_once_is_sent_whole(opened: Database) -> None:
    async with asyncio.timeout(10), opened.transaction("ten_a") as tx:
        for size in (1_000_000, 8_000_000):
            assert await tx.value(LENGTH, text="a" * size) == size
