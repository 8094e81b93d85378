"""Threads for plain functions. They end with the process: a function that hangs cannot hold it."""

import asyncio
import contextvars
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
Work = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Threads:
    """At most so many threads, made when they are needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made = 0
        self._busy = 0
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What a function gives that raises nothing, called with the caller's context variables.

        Raises: RuntimeError if the machine has no thread for it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()
        if self._busy >= self._made < self._most:
            Thread(target=self._work, name=f"prazium-{self._made + 1}", daemon=True).start()
            self._made += 1
        self._busy += 1
        self._waiting.put((lambda: context.run(function, *arguments), loop, future))
        try:
            return await future
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Let the threads end that have nothing to do."""
        for _ in range(self._made):
            self._waiting.put(None)

    def _work(self) -> None:
        while (work := self._waiting.get()) is not None:
            call, loop, future = work
            given = call()
            try:
                loop.call_soon_threadsafe(settle, future, given)
            except RuntimeError:
                return  # the loop is closed; nobody waits any more


def settle(future: "asyncio.Future[T]", given: T) -> None:
    """Tell whoever still waits."""
    if not future.done():
        future.set_result(given)
