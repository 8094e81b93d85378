"""Threads for plain functions. They end with the process: a function that hangs cannot hold it."""

import asyncio
import contextvars
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

Work = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Threads:
    """At most so many threads, made when they are needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made = 0
        self._busy = 0
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function gives, called in a thread with the caller's context variables."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        if self._busy >= self._made < self._most:
            self._made += 1
            Thread(target=self._work, name=f"prazium-{self._made}", daemon=True).start()
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
            try:
                result, error = call(), None
            except BaseException as raised:
                result, error = None, raised
            try:
                loop.call_soon_threadsafe(settle, future, result, error)
            except RuntimeError:
                return  # the loop is closed; nobody waits any more


def settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    """Tell whoever still waits."""
    if future.done():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, Exception):
        future.set_exception(error)
    else:
        future.set_exception(RuntimeError(f"The function ended with {error!r}."))
