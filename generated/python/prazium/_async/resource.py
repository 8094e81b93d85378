"""What the operations of every tag share."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any, Generic, TypeVar

from .._calls import Call, Envelope
from .._failures import PraziumError, Timeout
from .._following import LOST, Following, FollowingRun
from .._idempotency import Key
from .._listing import Listing, Page, Section
from .transport import AsyncTransport

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


class AsyncPages(Generic[T]):
    """A list of several pages: iterate over its items, or over `pages()`."""

    def __init__(self, transport: AsyncTransport, call: Callable[[int], Call[Listing[T]]]) -> None:
        self._transport = transport
        self._call = call

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, each fetched when it is reached."""
        number, last = 1, 1
        while number <= last:
            page = Page.of(await self._transport.send(self._call(number)))
            yield page
            number, last = number + 1, page.pagination.total_pages

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item


class AsyncResource:
    """The operations of a tag over a transport."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def _data(self, call: Call[Envelope[T]], key: Key = None) -> T:
        return (await self._transport.send(call, key)).data

    def _pages(self, call: Callable[[int], Call[Listing[T]]]) -> AsyncPages[T]:
        return AsyncPages(self._transport, call)

    async def _sections(
        self, call_of: Callable[[str | None], Call[Section[T]]], cursor: str | None = None
    ) -> AsyncIterator[T]:
        """The items of a list from a cursor on, each section fetched when it is reached."""
        more = True
        while more:
            section = await self._transport.send(call_of(cursor))
            for item in section.data:
                yield item
            cursor, more = section.pagination.next_cursor, section.pagination.has_more

    def _place(self, last_event_id: int | None) -> FollowingRun:
        last_id = None if last_event_id is None else str(last_event_id)
        return FollowingRun(last_id, self._transport.reconnect)

    async def _follow(
        self, call_of: Callable[[str | None], Call[Any]], following: Following[T]
    ) -> AsyncGenerator[T, None]:
        """The events of a stream, taken up as often as it is lost, until it has ended."""
        heartbeat = self._transport.reconnect.heartbeat
        while not following.ended:
            call = call_of(following.last_id)
            lost: PraziumError | None = None
            try:
                async with self._transport.stream(call, "text/event-stream", heartbeat) as response:
                    following.opened(response.status_code)
                    async for chunk in response.aiter_bytes():
                        for event in following.received(chunk):
                            yield event
                        if following.ended:
                            break
            except LOST as error:
                lost = error
            if not following.ended:
                await asyncio.sleep(following.lost(lost))

    async def _until(
        self,
        done: Callable[[T], bool],
        read: Callable[[], Awaitable[T]],
        timeout: float | None,  # noqa: ASYNC109
    ) -> T:
        """Read again and again, with growing pauses, until it is done.

        Raises: Timeout after `timeout` seconds.
        """
        deadline = None if timeout is None else monotonic() + timeout
        pause = FIRST_PAUSE
        while not done(state := await read()):
            if deadline is not None and monotonic() + pause > deadline:
                raise Timeout(f"It was not done after {timeout} seconds.")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return state
