"""Answers that are ready in the same turn of the event loop leave together.

A write goes through the kernel to the reader, and wakes it if it sleeps. One at a time, between the
work for two requests, that costs more than in a row: a fifth of a request (docs/decisions/0021).
"""

import asyncio
from weakref import WeakKeyDictionary, proxy

import structlog

log = structlog.get_logger()

MOST = 16
"""So many wait at most, so that the first does not wait for all that one turn brings."""


class Outbox:
    """The answers of one event loop; those of one connection leave in their order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = proxy(loop)
        """Which one it is; to ask which one runs is a system call (Python 3.11)."""
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def put(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write this at the end of the turn."""
        if not self._waiting:
            self.loop.call_soon(self.flush)
        self._waiting.append((transport, data))
        if len(self._waiting) >= MOST:
            self.flush()

    def flush(self) -> None:
        """Write all now, as must be done before anything else is done with a connection.

        What cannot be written ends its own connection, and takes no other's answer with it.
        """
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if transport.is_closing():
                continue
            try:
                transport.write(data)
            except RuntimeError as error:  # its end was written before
                log.error("answer.not_written", exc_info=error)
                transport.abort()


BY_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, Outbox] = WeakKeyDictionary()


def outbox_of(loop: asyncio.AbstractEventLoop) -> Outbox:
    """The outbox of a loop."""
    return BY_LOOP.setdefault(loop, Outbox(loop))
