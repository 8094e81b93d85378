"""Hints between processes: one LISTEN per process, fan-out in memory, coalesced NOTIFY.

A hint says "look again"; losing one costs latency, never work, so every waiter has a poll floor.
Hints never travel inside a business transaction (NOTIFY takes a global lock at commit): they leave
on a connection of their own, at most one statement per few milliseconds.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol

import psycopg
import structlog

from db.answers import Connection
from db.pool import reaching

COALESCE_S = 0.005
RECONNECT_S = 1.0
FAREWELL_S = 0.5
PAYLOAD = 7800
"""Bytes; PostgreSQL takes less than 8000."""
NOTIFY_ALL = b"SELECT pg_notify('prazium', hint) FROM unnest(%(hints)s::text[]) AS hint"

log = structlog.get_logger()


class Follower(Protocol):
    """Whoever keeps something that hints of a topic take back."""

    def heard(self, key: str) -> None:
        """A hint."""

    def lost(self) -> None:
        """From now on hints may be missed."""

    def regained(self) -> None:
        """Hints are heard again, or for the first time."""


class Hints:
    """Send and await hints by topic and key.

    `on_return` is awaited when the database is back after an outage: the listening connection is
    the one that is always open, and so the first to notice.
    """

    def __init__(self, url: str, on_return: Callable[[], Awaitable[None]] | None = None) -> None:
        self._url = reaching(url)
        self._on_return = on_return
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._followers: dict[str, Follower] = {}
        self._outbox: set[str] = set()
        self._outgoing = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._was_lost = False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.reconnects = 0

    async def start(self) -> None:
        """Begin to listen and to send, in the background."""
        self._tasks = [
            asyncio.create_task(self._keep(work), name=work.__name__)
            for work in (self._listen, self._send)
        ]

    async def stop(self) -> None:
        """Send what is left, and stop both connections."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._sent.wait()
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def send(self, hints: list[tuple[str, str]]) -> None:
        """Wake the waiters of these topics and keys, here and in every other process."""
        for topic, key in hints:
            self._outbox.add(f"{topic}:{key}")
            self._wake(f"{topic}:{key}")
        if hints:
            self._sent.clear()
            self._outgoing.set()

    def remind(self, reminders: list[tuple[str, str, float]]) -> None:
        """Wake the waiters of these topics and keys in this process, so many seconds from now.

        Of several reminders of one key the first counts: whoever is woken asks anew.
        """
        loop = asyncio.get_running_loop()
        for topic, key, seconds in reminders:
            name = f"{topic}:{key}"
            timer = self._timers.get(name)
            if timer is not None and timer.when() <= loop.time() + seconds:
                continue
            if timer is not None:
                timer.cancel()
            self._timers[name] = loop.call_later(seconds, self._ring, name)

    def _ring(self, name: str) -> None:
        del self._timers[name]
        self._wake(name)

    def follow(self, topic: str, follower: Follower) -> None:
        """Tell the follower each hint of a topic, from here and from other processes, at once."""
        self._followers[topic] = follower

    def waiting(self, topic: str) -> int:
        """How many wait for hints of a topic."""
        return sum(len(s) for name, s in self._waiting.items() if name.startswith(f"{topic}:"))

    @contextlib.contextmanager
    def subscribe(self, topic: str, *keys: str) -> Iterator[asyncio.Event]:
        """An event that is set at every hint; the waiter clears it before it looks."""
        names, event = [f"{topic}:{key}" for key in keys], asyncio.Event()
        for name in names:
            self._waiting[name].add(event)
        try:
            yield event
        finally:
            for name in names:
                self._waiting[name].discard(event)
                if not self._waiting[name]:
                    del self._waiting[name]

    async def _keep(self, work: Any) -> None:
        """Do the work on a connection, and again on a new one when that is lost."""
        while True:
            try:
                async with await Connection.connect(self._url, autocommit=True) as connection:
                    await work(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("hints.reconnect", work=work.__name__, error=type(error).__name__)
                self._was_lost = True
                self.reconnects += 1
                await asyncio.sleep(RECONNECT_S)

    async def _listen(self, connection: Connection) -> None:
        await connection.execute(b"LISTEN prazium")
        if self._was_lost and self._on_return is not None:
            await self._on_return()
        for follower in self._followers.values():
            follower.regained()
        for name in list(self._waiting):
            self._wake(name)  # hints may have been missed while nobody listened
        try:
            async for notice in connection.notifies():
                for name in notice.payload.split(" "):
                    self._wake(name)
        finally:
            for follower in self._followers.values():
                follower.lost()

    async def _send(self, connection: Connection) -> None:
        await connection.execute(b"SET synchronous_commit = off")
        if self._outbox:
            self._outgoing.set()
        while True:
            await self._outgoing.wait()
            self._outgoing.clear()
            leaving, self._outbox = self._outbox, set()
            try:
                await connection.execute(NOTIFY_ALL, {"hints": packed(sorted(leaving))})
            except BaseException:
                self._outbox |= leaving  # the next connection sends them
                raise
            if not self._outbox:
                self._sent.set()
            await asyncio.sleep(COALESCE_S)  # what comes meanwhile leaves together

    def _wake(self, name: str) -> None:
        topic, _, key = name.partition(":")
        if topic in self._followers:
            self._followers[topic].heard(key)
        for event in self._waiting.get(name, ()):
            event.set()


def packed(hints: list[str]) -> list[str]:
    """Hints in as few payloads as they fit into: thousands of runs may change in a moment."""
    payloads = [""]
    for hint in hints:
        if len(payloads[-1]) + len(hint) >= PAYLOAD:
            payloads.append("")
        payloads[-1] = f"{payloads[-1]} {hint}".lstrip()
    return payloads


async def wait(event: asyncio.Event, floor_s: float) -> None:
    """Wait for a hint, but never longer than the poll floor; then clear it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(floor_s):
            await event.wait()
    event.clear()
