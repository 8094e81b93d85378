"""Requests in numbers, and how they were answered.

The client is our own: it counts what others repeat or hide, as a connection that was closed on a
request that had been sent.
"""

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

PATIENCE_S = 30.0


class ClosedUnused(Exception):
    """A kept connection was closed while a request was on its way; nobody has read the request."""


class Connection:
    """A client with one connection at a time, which it keeps for as long as the server does."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (str(parts.hostname), int(parts.port or 80))
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> bytes:
        """Send a request and read its answer; the head of the answer.

        Raises: ConnectionRefusedError before it is sent; ClosedUnused if the connection had been
        used before and ended without a byte of an answer; OSError, EOFError otherwise.
        """
        used = self._streams is not None
        try:
            return await self._exchange(request)
        except asyncio.IncompleteReadError as error:
            if used and not error.partial:
                raise ClosedUnused from error
            raise

    async def _exchange(self, request: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
        if b"connection: close" in head:
            self.close()
        return head

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Load:
    """GETs of one path, answered by the database each time.

    Every answer is kept with its status and seconds; what failed, with its error.
    """

    def __init__(self, url: str, key: str, path: str = "/projects") -> None:
        self._url = url
        lines = [
            f"GET /v1{path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {key}",
            "Cache-Control: no-cache",
        ]
        self._request = "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
        self._idle: list[Connection] = []
        self.answers: list[tuple[int, float]] = []
        self.refused = 0
        """Connections that were refused: nothing was sent."""
        self.failures: list[str] = []
        self.repeated = 0
        """GETs sent again, as a kept connection was closed when they came (RFC 9112, 9.3.1)."""
        self.without_hint = 0
        """Refusals without Retry-After."""
        self.lag = 0.0
        """Seconds that this process itself fell behind; an answer seems so much slower."""

    @property
    def statuses(self) -> Counter[int]:
        """How many answers had which status."""
        return Counter(status for status, _ in self.answers)

    def within(self, status: int, share: float) -> float:
        """Seconds within which this share of the answers of a status came."""
        times = sorted(seconds for found, seconds in self.answers if found == status)
        return times[math.ceil(len(times) * share) - 1] if times else 0.0

    def p99(self, status: int = 200) -> float:
        """Seconds within which 99 of 100 answers of a status came."""
        return self.within(status, 0.99)

    def slowest(self, status: int) -> float:
        """Seconds of the slowest answer of a status."""
        return max((seconds for found, seconds in self.answers if found == status), default=0.0)

    @contextlib.asynccontextmanager
    async def closed(self, clients: int, pause_s: float = 0.0) -> AsyncIterator[None]:
        """So many clients, each with one request after the other, until the block ends."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(self._repeat(stop, pause_s)) for _ in range(clients)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            self._close()

    async def open(self, rate: float, seconds: float) -> None:
        """Requests at a rate, whether the ones before were answered or not."""
        tasks: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            early = began + number / rate - time.monotonic()
            self.lag = max(self.lag, -early)
            if early > 0 or number % 16 == 0:
                await asyncio.sleep(max(early, 0))
            task = asyncio.create_task(self._ask())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        self._close()

    async def _repeat(self, stop: asyncio.Event, pause_s: float) -> None:
        while not stop.is_set():
            refused = self.refused
            await self._ask()
            await asyncio.sleep(pause_s or 0.05 * (self.refused - refused))

    async def _ask(self) -> None:
        connection = self._idle.pop() if self._idle else Connection(self._url)
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                head = await self._send(connection)
        except ConnectionRefusedError:
            self.refused += 1
            return
        except (OSError, EOFError, TimeoutError) as error:
            connection.close()
            self.failures.append(repr(error))
            return
        self._idle.append(connection)
        status = int(head.split(b" ", 2)[1])
        self.answers.append((status, time.monotonic() - began))
        self.without_hint += status == 503 and b"retry-after: " not in head

    async def _send(self, connection: Connection) -> bytes:
        try:
            return await connection.send(self._request)
        except ClosedUnused:
            connection.close()
            self.repeated += 1
            return await connection.send(self._request)

    def _close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


def figures(load: Load) -> dict[str, object]:
    """What a load measured, for a report."""
    return {
        "answers": dict(load.statuses),
        "failures": len(load.failures),
        "repeated": load.repeated,
        "p99_ms": load.p99() * 1000,
        "slowest_503_ms": load.slowest(503) * 1000,
        "lag_ms": load.lag * 1000,
    }
