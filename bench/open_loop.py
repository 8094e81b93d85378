"""Latency under an open loop: requests leave on time, whether or not answers have come.

A sample counts from the moment when its request should have left, so that a server's pause is felt
by every request that it delays (wrk2's rule against coordinated omission).
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Sequence
from typing import cast

import uvloop

from bench.figures import Void
from bench.run import Leg
from bench.wrk import Request

CONNECTIONS = 64
DRAIN_S = 5.0
BEHIND = 0.01
TICK_S = 0.002
"""What one turn of the event loop may take; a hundredth of a very short run is less."""


class Behind(Exception):
    """The generator could not keep its rate, so that its samples say nothing."""


class Connection(asyncio.Protocol):
    """One connection that stays open; it carries one request at a time."""

    def __init__(self, generator: "Generator") -> None:
        self._generator = generator
        self._got = bytearray()
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, due: float) -> None:
        """Send a request that should leave, or should have left, at `due`."""
        self._due = due
        self._transport.write(self._generator.bytes)

    def data_received(self, data: bytes) -> None:
        """Collect an answer; hand it over when it is whole."""
        self._got += data
        head, mark, body = self._got.partition(b"\r\n\r\n")
        if mark and len(body) >= len(self._generator.request.answer):
            self._got.clear()
            self._generator.answered(self, self._due, bytes(head), bytes(body))

    def close(self) -> None:
        """End it."""
        self._transport.close()


class Generator:
    """Requests at a fixed rate over some connections."""

    def __init__(self, request: Request, port: int) -> None:
        self.request, self.port = request, port
        self.bytes = wire(request, port)
        self._start = f"HTTP/1.1 {request.status} ".encode()
        self._free: deque[Connection] = deque()
        self._waiting: deque[float] = deque()
        self.samples: list[float] = []
        self.wrong = b""

    def answered(self, connection: Connection, due: float, head: bytes, body: bytes) -> None:
        """Take a sample, and give the connection the request that has waited longest."""
        self.samples.append(time.perf_counter() - due)
        if not head.startswith(self._start) or body != self.request.answer:
            self.wrong = head + body
        if self._waiting:
            connection.ask(self._waiting.popleft())
        else:
            self._free.append(connection)

    def due(self, moment: float) -> None:
        """Send now if a connection is free, else as soon as one is."""
        if self._free:
            self._free.popleft().ask(moment)
        else:
            self._waiting.append(moment)

    async def run(self, rate: float, seconds: float) -> list[float]:
        """The latencies in seconds.

        Raises: Void for a wrong or lost answer, Behind if the last request left too late.
        """
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            made = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port)
            self._free.append(made[1])
        connections, count = list(self._free), max(int(rate * seconds), 1)
        late = await self._send(rate, count)
        end = time.perf_counter() + DRAIN_S
        while len(self.samples) < count and time.perf_counter() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        for connection in connections:
            connection.close()
        if self.wrong or len(self.samples) < count:
            raise Void(f"{count - len(self.samples)} of {count} answers are lost {self.wrong!r}")
        if late > max(BEHIND * seconds, TICK_S):
            raise Behind(f"the generator ended {late:.3f} s late of {seconds:.1f} s")
        return self.samples

    async def _send(self, rate: float, count: int) -> float:
        """Send at the right moments; how late the last one was."""
        began = time.perf_counter()
        for number in range(count):
            moment = began + number / rate
            # Timers are too coarse, and the core is ours.
            while time.perf_counter() < moment:  # noqa: ASYNC110
                await asyncio.sleep(0)
            self.due(moment)
        return time.perf_counter() - moment


def wire(request: Request, port: int) -> bytes:
    """The request as it is sent."""
    headers = {"Host": f"127.0.0.1:{port}", **request.headers}
    if request.body:
        headers["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def leg(request: Request, port: int, rate: float) -> Leg:
    """A leg at a fixed rate; milliseconds by quantile."""

    def run(seconds: float) -> dict[str, float]:
        gc.collect()
        gc.disable()
        try:
            samples = uvloop.run(Generator(request, port).run(rate, seconds))
        finally:
            gc.enable()
        return {"p50": quantile(samples, 0.5), "p99": quantile(samples, 0.99)}

    return run


def quantile(samples: Sequence[float], share: float) -> float:
    """The least sample, in milliseconds, that so large a share does not exceed."""
    ordered = sorted(samples)
    return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]
