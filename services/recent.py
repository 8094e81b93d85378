"""What was looked up lately: once for all who ask at the same time, and not again for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by keys of bytes, for seconds or until a hint takes them back."""

    def __init__(self, ttl_s: float, size: int) -> None:
        self._ttl_s = ttl_s
        self._size = size
        self._found: dict[bytes, tuple[V, float]] = {}
        self._asking: dict[bytes, asyncio.Task[V | None]] = {}

    @property
    def asked(self) -> int:
        """How many keys are being asked for."""
        return len(self._asking)

    def get(self, key: bytes) -> V | None:
        """What was found, unless that is too long ago."""
        found = self._found.get(key)
        return found[0] if found is not None and time.monotonic() < found[1] else None

    async def ask(self, key: bytes, find: Callable[[], Awaitable[V | None]]) -> V | None:
        """What is found now, and remembered unless it is None; all who ask meanwhile share it.

        Raises: what `find` raises.
        """
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._find(key, find))
        return await asyncio.shield(asking)

    async def _find(self, key: bytes, find: Callable[[], Awaitable[V | None]]) -> V | None:
        try:
            value = await find()
            if value is not None and self._asking.get(key) is asyncio.current_task():
                self.put(key, value)
            return value
        finally:
            self._forget(key, asyncio.current_task())

    def put(self, key: bytes, value: V) -> None:
        """Remember what was found."""
        if len(self._found) >= self._size:
            self._found.clear()
        self._found[key] = (value, time.monotonic() + self._ttl_s)

    def heard(self, key: str) -> None:
        """It has changed, its key in hexadecimal; what is on its way may be the old value."""
        self._found.pop(bytes.fromhex(key), None)
        self._asking.pop(bytes.fromhex(key), None)

    def lost(self) -> None:
        """The lifetime alone bounds how old a value is."""

    def regained(self) -> None:
        """Changes were missed."""
        self._found.clear()
        self._asking.clear()

    def _forget(self, key: bytes, asking: object) -> None:
        if self._asking.get(key) is asking:
            del self._asking[key]
