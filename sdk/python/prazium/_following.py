"""What following a stream remembers over its connections."""

import random
from collections.abc import Iterator

from ._events import Event
from ._failures import APIError, ConnectionFailed, PraziumError, Timeout
from ._settings import Reconnect
from ._sse import Frames

LOST = (ConnectionFailed, Timeout, APIError)
NO_CONTENT = 204


class Following:
    """The place in a stream, and whether and when to connect again.

    Attributes:
        last_seq: the number of the last event that was handed out.
        ended: whether nothing follows.
    """

    def __init__(self, last_event_id: int | None, reconnect: Reconnect) -> None:
        self.last_seq = last_event_id
        self.ended = False
        self._reconnect = reconnect
        self._frames = Frames()
        self._fruitless = 0

    def opened(self, status: int) -> None:
        """A connection was answered with this status."""
        self._frames = Frames(retry=self._frames.retry)
        self.ended = status == NO_CONTENT

    def received(self, chunk: bytes) -> Iterator[Event]:
        """The events that the chunk completes; one that was seen before is left out.

        Raises: MalformedAnswer.
        """
        for frame in self._frames.feed(chunk):
            event = Event.in_stream(frame)
            if event.seq <= (self.last_seq or 0):
                continue
            self.last_seq, self._fruitless = event.seq, 0
            self.ended = self.ended or event.event_type == "RUN_COMPLETED"
            yield event

    def lost(self, error: PraziumError | None) -> float:
        """The connection ended; the seconds to wait before the next.

        Raises: the error if it will not go away by itself, or came too often without a new event.
        """
        if isinstance(error, APIError) and error.status < 500:
            raise error
        self._fruitless += 1
        if self._fruitless > self._reconnect.attempts:
            raise error or ConnectionFailed("The service keeps ending the stream before the run.")
        return self._delay()

    def _delay(self) -> float:
        first = max(self._reconnect.first_delay, self._frames.retry or 0.0)
        longest = min(self._reconnect.longest_delay, first * 2.0 ** (self._fruitless - 1))
        return random.uniform(0.1, 1.0) * longest
