"""What following a stream remembers over its connections."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from time import monotonic
from typing import Generic, TypeVar

from ._events import Event, TenantEvent
from ._failures import APIError, ConnectionFailed, PraziumError, Timeout
from ._settings import Reconnect
from ._sse import Frame, Frames

E = TypeVar("E")

LOST = (ConnectionFailed, Timeout, APIError)
NO_CONTENT = 204


class Following(ABC, Generic[E]):
    """The place in a stream, and whether and when to connect again.

    Attributes:
        last_id: the id of the last event that was handed out.
        ended: whether nothing follows.
    """

    def __init__(self, last_id: str | None, reconnect: Reconnect) -> None:
        self.last_id = last_id
        self.ended = False
        self._reconnect = reconnect
        self._frames = Frames()
        self._fruitless = 0
        self._opened_at = self._alive_at = monotonic()

    def opened(self, status: int) -> None:
        """A connection was answered with this status."""
        self._frames = Frames(retry=self._frames.retry)
        self._opened_at = self._alive_at = monotonic()
        self.ended = status == NO_CONTENT

    def received(self, chunk: bytes) -> Iterator[E]:
        """The events that the chunk completes; one that was seen before is left out.

        Raises: MalformedAnswer.
        """
        self._alive_at = monotonic()
        for frame in self._frames.feed(chunk):
            event = self._read(frame)
            if event is not None:
                self.last_id, self._fruitless = frame.id, 0
                yield event

    @abstractmethod
    def _read(self, frame: Frame) -> E | None:
        """The event of a frame, unless it was seen before."""

    def lost(self, error: PraziumError | None) -> float:
        """The connection ended; the seconds to wait before the next.

        Raises: the error if it will not go away by itself, or came too often without a new event or
        a connection that held: quiet streams are cut off now and then.
        """
        if isinstance(error, APIError) and error.status < 500:
            raise error
        held = self._alive_at - self._opened_at > self._reconnect.heartbeat
        self._opened_at = self._alive_at
        self._fruitless = 1 if held else self._fruitless + 1
        if self._fruitless > self._reconnect.attempts:
            raise error or ConnectionFailed("The service keeps ending the stream.")
        return self._delay()

    def _delay(self) -> float:
        first = max(self._reconnect.first_delay, self._frames.retry or 0.0)
        longest = min(self._reconnect.longest_delay, first * 2.0 ** (self._fruitless - 1))
        return random.uniform(0.1, 1.0) * longest


class FollowingRun(Following[Event]):
    """The place in the stream of a run, which ends with it."""

    def _read(self, frame: Frame) -> Event | None:
        event = Event.in_stream(frame)
        if event.seq <= int(self.last_id or 0):
            return None
        self.ended = self.ended or event.event_type == "RUN_COMPLETED"
        return event


class FollowingFeed(Following[TenantEvent]):
    """The place in the stream of all events, which has no end and says at first where it begins."""

    def received(self, chunk: bytes) -> Iterator[TenantEvent]:
        yield from super().received(chunk)
        self.last_id = self._frames.last_id or self.last_id

    def _read(self, frame: Frame) -> TenantEvent | None:
        return None if frame.id == self.last_id else TenantEvent.in_stream(frame)
