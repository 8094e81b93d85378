"""Requests in numbers, and how they were answered."""

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp


class Load:
    """GETs of one path: every answer with its status and seconds; what failed, with its error."""

    def __init__(self, url: str, key: str, path: str = "/projects") -> None:
        self._url = url + path
        self._headers = {"Authorization": f"Bearer {key}"}
        self.answers: list[tuple[int, float]] = []
        self.failures: list[str] = []
        self.without_hint = 0
        """Refusals without Retry-After."""

    @property
    def statuses(self) -> Counter[int]:
        """How many answers had which status."""
        return Counter(status for status, _ in self.answers)

    def p99(self, status: int = 200) -> float:
        """Seconds within which 99 of 100 answers of a status came."""
        times = sorted(seconds for found, seconds in self.answers if found == status)
        return times[math.ceil(len(times) * 0.99) - 1] if times else 0.0

    def slowest(self, status: int) -> float:
        """Seconds of the slowest answer of a status."""
        return max((seconds for found, seconds in self.answers if found == status), default=0.0)

    @contextlib.asynccontextmanager
    async def closed(self, clients: int) -> AsyncIterator[None]:
        """So many clients, each with one request after the other, until the block ends."""
        stop = asyncio.Event()
        async with self._session(clients) as session:
            tasks = [asyncio.create_task(self._repeat(session, stop)) for _ in range(clients)]
            try:
                yield
            finally:
                stop.set()
                await asyncio.gather(*tasks)

    async def open(self, rate: float, seconds: float) -> None:
        """Requests at a rate, whether the ones before were answered or not."""
        tasks: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        async with self._session(0) as session:
            for number in range(int(rate * seconds)):
                late = began + number / rate - time.monotonic()
                if late > 0 or number % 32 == 0:
                    await asyncio.sleep(max(late, 0))
                task = asyncio.create_task(self._ask(session))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)

    def _session(self, connections: int) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            headers=self._headers,
            connector=aiohttp.TCPConnector(limit=connections),
            timeout=aiohttp.ClientTimeout(total=30),
        )

    async def _repeat(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._ask(session)

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        began = time.monotonic()
        try:
            async with session.get(self._url) as answer:
                await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.failures.append(repr(error))
            return
        self.answers.append((answer.status, time.monotonic() - began))
        self.without_hint += answer.status == 503 and "retry-after" not in answer.headers


def figures(load: Load) -> dict[str, object]:
    """What a load measured, for a report."""
    return {
        "answers": dict(load.statuses),
        "failures": len(load.failures),
        "p99_ms": load.p99() * 1000,
        "slowest_503_ms": load.slowest(503) * 1000,
    }
