"""The connection to the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from .._calls import Call, api_error, connecting
from .._idempotency import Key, keyed, note
from .._settings import Reconnect, Settings

T = TypeVar("T")


class AsyncTransport:
    """Sends calls over one pool of connections."""

    def __init__(self, settings: Settings) -> None:
        self.reconnect: Reconnect = settings.reconnect
        self._timeout = settings.timeout
        self._http = httpx.AsyncClient(
            base_url=settings.base_url, headers=settings.headers(), timeout=settings.timeout
        )

    async def send(self, call: Call[T], key: Key = None) -> T:
        """The answer to a call; one that changes something is sent with a key.

        Raises: APIError, ConnectionFailed, Timeout, MalformedAnswer.
        """
        request = keyed(call.request, key)
        with connecting():
            response = await self._http.request(**request)
        note(key, response)
        return call.answer(response)

    @asynccontextmanager
    async def stream(
        self, call: Call[Any], accept: str, silence: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        """The open response to a call, at most `silence` seconds without a byte.

        Raises: APIError, ConnectionFailed, Timeout; the last two also while it is read.
        """
        request = dict(call.request)
        headers = {**request.pop("headers", {}), "Accept": accept}
        timeout = httpx.Timeout(self._timeout, read=silence or self._timeout)
        with connecting():
            async with self._http.stream(**request, headers=headers, timeout=timeout) as response:
                if not response.is_success:
                    await response.aread()
                    raise api_error(response)
                yield response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
