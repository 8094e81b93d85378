"""What a worker says to the service, again and again until it is heard."""

import asyncio
import json
import logging
import random
from typing import Any

import httpx

from ._calls import api_error, connecting, reading
from ._failures import APIError, ConnectionFailed, MalformedAnswer, PraziumError, Timeout
from ._settings import Settings

log = logging.getLogger("prazium.worker")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
MARGIN = 15.0
"""Seconds that an answer may take beyond what it was asked to wait for."""


class Pauses:
    """Growing pauses between attempts, shortened by chance so that not all come at once."""

    def __init__(self) -> None:
        self._most = FIRST_PAUSE

    def next(self) -> float:
        """The next one, in seconds."""
        pause = random.uniform(self._most / 2, self._most)
        self._most = min(self._most * 2, LONGEST_PAUSE)
        return pause


def passes(error: PraziumError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, APIError):
        return error.status in (408, 429) or error.status >= 500
    return isinstance(error, (ConnectionFailed, Timeout, MalformedAnswer))


def encoded(value: Any) -> bytes:
    """JSON. Raises: ValueError, TypeError for what is none."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


class Calls:
    """Requests over connections that are kept."""

    def __init__(self, settings: Settings) -> None:
        headers = {**settings.headers(), "Content-Type": "application/json"}
        self._http = httpx.AsyncClient(base_url=settings.base_url, headers=headers)

    async def send(self, method: str, path: str, body: bytes = b"", wait: float = 0.0) -> Any:
        """The data of the answer, which may take `wait` seconds and a margin.

        Raises: APIError, ConnectionFailed, Timeout, MalformedAnswer.
        """
        with connecting():
            response = await self._http.request(
                method, path, content=body or None, timeout=wait + MARGIN
            )
        return data_of(response)

    async def persist(self, method: str, path: str, body: bytes = b"", wait: float = 0.0) -> Any:
        """The same, over again for as long as the service is away.

        Raises: APIError for what will not pass.
        """
        pauses = Pauses()
        while True:
            try:
                return await self.send(method, path, body, wait)
            except PraziumError as error:
                if not passes(error):
                    raise
                log.warning("No answer to %s %s yet: %s", method, path, error)
                await asyncio.sleep(pauses.next())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()


def data_of(response: httpx.Response) -> Any:
    """What is in the envelope. Raises: APIError, MalformedAnswer."""
    if not response.is_success:
        raise api_error(response)
    with reading():
        return response.json()["data"]
