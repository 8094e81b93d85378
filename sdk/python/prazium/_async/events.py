"""client.events"""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime

from .._calls import given
from .._events import Event, TenantEvent
from .._following import FollowingFeed
from .._generated.api.events import list_events, list_feed, stream_feed
from ..models import EventType
from .resource import AsyncResource


class AsyncEvents(AsyncResource):
    """The log of everything that happened, in a run or in the whole tenant.

    `runs.stream_events` follows a run, `follow` the tenant.
    """

    async def list(
        self,
        project_id: str,
        run_id: str,
        *,
        after: datetime | None = None,
        after_seq: int = 0,
        type: EventType | None = None,
        task_id: str | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[Event]:
        """The events in order, only those after a time or number, of a type or of a task."""
        more = True
        while more:
            call = list_events.call(
                project_id,
                run_id,
                after=given(after),
                after_seq=after_seq,
                type_=given(type),
                task_id=given(task_id),
                limit=page_size,
            )
            found = await self._data(call)
            for event in found:
                after_seq = event.seq
                yield Event.in_log(event)
            more = len(found) >= page_size

    async def feed(
        self, *, after: str | None = None, type: EventType | None = None, page_size: int = 100
    ) -> AsyncIterator[TenantEvent]:
        """All events of the tenant so far, in order, from the first or from behind a cursor.

        Raises: ValidationError for what is no cursor.
        """
        more = True
        while more:
            call = list_feed.call(type_=given(type), cursor=given(after), limit=page_size)
            page = await self._transport.send(call)
            for event in page.data:
                yield TenantEvent.in_log(event)
            after, more = page.pagination.next_cursor, page.pagination.has_more

    async def follow(
        self, *, after: str | None = None, type: EventType | None = None
    ) -> AsyncGenerator[TenantEvent, None]:
        """All events of the tenant as they happen, from now on or from behind a cursor; endless.

        A connection that breaks or falls silent is taken up where it was, without gap or
        duplicate, as often as `Reconnect` allows.

        Raises: APIError, ConnectionFailed, Timeout, MalformedAnswer.
        """
        async for event in self._follow(
            lambda last: stream_feed.call(type_=given(type), last_event_id=given(last)),
            FollowingFeed(after, self._transport.reconnect),
        ):
            yield event
