"""Hints reach other processes, and a lost connection heals."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from db import answers
from db.listen import Hints, wait

SEND = """
import asyncio, sys
from db.listen import Hints
async def main():
    hints = Hints(sys.argv[1])
    await hints.start()
    hints.send([("event", "run_1"), ("event", "run_1"), ("ready", "all")])
    await asyncio.sleep(0.3)
    await hints.stop()
asyncio.run(main())
"""
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN prazium'"


@pytest.fixture
async def hints(database: str) -> AsyncIterator[Hints]:
    """Hints that listen."""
    started = Hints(database)
    await started.start()
    await until(lambda: bool(pids(database, LISTENERS)))
    yield started
    await started.stop()


def pids(database: str, statement: str) -> list[int]:
    with psycopg.connect(database) as connection:
        own = "AND datname = current_database() AND pid <> pg_backend_pid()"
        return [row[0] for row in connection.execute(f"{statement} {own}".encode()).fetchall()]


def terminate(database: str, statement: str) -> int:
    found = pids(database, statement)
    with psycopg.connect(database) as connection:
        for pid in found:
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
    return len(found)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_a_hint_reaches_a_subscriber_in_another_process(database: str, hints: Hints) -> None:
    with hints.subscribe("event", "run_1") as hinted, hints.subscribe("event", "run_2") as other:
        command = [sys.executable, "-c", SEND, database]
        process = await asyncio.to_thread(subprocess.Popen, command)
        await asyncio.wait_for(hinted.wait(), 10)
        assert await asyncio.to_thread(process.wait, 10) == 0
        assert not other.is_set()


async def test_a_killed_listener_listens_again_and_wakes_everyone(
    database: str, hints: Hints
) -> None:
    with hints.subscribe("event", "run_1") as hinted:
        before = pids(database, LISTENERS)
        assert terminate(database, LISTENERS) == 1
        await asyncio.wait_for(hinted.wait(), 5)  # what was missed is looked up
        hinted.clear()
        assert pids(database, LISTENERS) != before
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("SELECT pg_notify('prazium', 'event:run_1')")
        await asyncio.wait_for(hinted.wait(), 1)


async def test_a_killed_sender_sends_again(database: str, hints: Hints) -> None:
    listener = Hints(database)
    await listener.start()
    await until(lambda: len(pids(database, LISTENERS)) == 2)
    senders = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SET synchronous_commit%'"
    with listener.subscribe("event", "run_1") as hinted:
        await until(lambda: len(pids(database, senders)) == 2)
        terminate(database, senders)
        hints.send([("event", "run_1")])
        await asyncio.wait_for(hinted.wait(), 5)
    await listener.stop()


async def test_a_silence_that_is_longer_than_any_answer_takes_is_no_outage(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "ANSWER_S", 0.3)
    listener = Hints(database)
    await listener.start()
    await until(lambda: bool(pids(database, LISTENERS)))
    await asyncio.sleep(1)
    with listener.subscribe("event", "run_1") as hinted, psycopg.connect(database) as connection:
        connection.execute("SELECT pg_notify('prazium', 'event:run_1')")
        connection.commit()
        await asyncio.wait_for(hinted.wait(), 1)
    assert listener.reconnects == 0
    await listener.stop()


async def test_waiting_ends_at_the_poll_floor(hints: Hints) -> None:
    began = time.monotonic()
    with hints.subscribe("event", "run_1") as hinted:
        await wait(hinted, 0.1)
    assert 0.1 <= time.monotonic() - began < 1


async def test_nothing_is_kept_of_a_subscriber_that_left(hints: Hints) -> None:
    with hints.subscribe("event", "run_1"):
        pass
    assert not hints._waiting


async def test_a_hint_that_is_given_while_the_same_one_leaves_is_heard_too(
    database: str, hints: Hints
) -> None:
    sender = Hints(database)
    await sender.start()
    with hints.subscribe("event", "run_1") as hinted:
        for _ in range(300):
            sender.send([("event", "run_1")])
            await asyncio.wait_for(hinted.wait(), 2)
            hinted.clear()
    await sender.stop()
