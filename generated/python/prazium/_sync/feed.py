"""client.feed"""

from collections.abc import Generator, Iterator

from .._calls import given
from .._events import TenantEvent
from .._following import FollowingFeed
from .._generated.api.feed import list_feed, stream_feed
from ..models import EventType
from .resource import Resource


class Feed(Resource):
    """Everything that happens in the tenant, in one order."""

    def list(
        self, *, after: str | None = None, type: EventType | None = None, page_size: int = 100
    ) -> Iterator[TenantEvent]:
        """All events of the tenant so far, in order, from the first or from behind a cursor.

        Raises: ValidationError for what is no cursor.
        """
        for event in self._sections(
            lambda cursor: list_feed.call(type_=given(type), cursor=given(cursor), limit=page_size),
            after,
        ):
            yield TenantEvent.in_log(event)

    def follow(
        self, *, after: str | None = None, type: EventType | None = None
    ) -> Generator[TenantEvent, None, None]:
        """All events of the tenant as they happen, from now on or from behind a cursor; endless.

        A connection that breaks or falls silent is taken up where it was, without gap or
        duplicate, as often as `Reconnect` allows.

        Raises: APIError, ConnectionFailed, Timeout, MalformedAnswer.
        """
        for event in self._follow(
            lambda last: stream_feed.call(type_=given(type), last_event_id=given(last)),
            FollowingFeed(after, self._transport.reconnect),
        ):
            yield event
