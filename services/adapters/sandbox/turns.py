"""Few programs start at a time, so that many at once do not hold up those who serve others.

A launcher has the product's own priority, and only what it starts has a lower one: twelve that
start at once would have all of a small machine for a quarter of a second.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from weakref import WeakKeyDictionary

AT_A_TIME = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
"""One for each processor of this process. With fewer, one would be idle: 53 programs a second in
the place of 85, on two and without bubblewrap."""
PATIENCE_S = 0.25
"""A launcher that has started nothing by then is not waited for any longer."""

_BY_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class Turn:
    """The right to start a program now."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def end(self) -> None:
        """Let the next one start; to say so again changes nothing."""
        places, self._places = self._places, None
        if places is not None:
            places.release()

    @contextlib.contextmanager
    def until_word_on(self, control: socket.socket) -> Iterator[None]:
        """End when the launcher has said a byte, or has ended, or is slow."""
        loop = asyncio.get_running_loop()

        def heard() -> None:
            loop.remove_reader(control)
            self.end()
            with contextlib.suppress(OSError):  # it was killed before it had read what it was told
                control.recv(1)

        loop.add_reader(control, heard)
        slow = loop.call_later(PATIENCE_S, self.end)
        try:
            yield
        finally:
            slow.cancel()
            loop.remove_reader(control)


@contextlib.asynccontextmanager
async def turn() -> AsyncIterator[Turn]:
    """Wait for a turn. It ends with this block at the latest."""
    loop = asyncio.get_running_loop()
    places = _BY_LOOP.setdefault(loop, asyncio.Semaphore(AT_A_TIME))
    await places.acquire()
    own = Turn(places)
    try:
        yield own
    finally:
        own.end()
