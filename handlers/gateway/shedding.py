"""How much is answered at once: what is over a limit is refused at once, and nothing queues.

A process that takes all that comes answers everybody late; one that refuses the excess answers the
rest in time. Requests hold a place from when they have arrived until their answer is ready, so that
slow senders and slow readers hold none. Streams, downloads and what waits last, so they have places
of their own. The open operations (health, readiness, the reference) must answer under any load, and
cost little however many ask: they are not counted.
"""

import math
from collections import defaultdict

from services.errors import Overloaded, TooManyStreams
from services.schemas import Json
from services.settings import Settings


class Lane:
    """Places for one sort of request."""

    __slots__ = ("_by_key", "_limit", "_per_key", "taken")

    def __init__(self, limit: float, per_key: int = 0) -> None:
        self.taken = 0
        self._limit = limit
        self._per_key = per_key
        self._by_key: defaultdict[str, int] = defaultdict(int)

    def check(self) -> None:
        """Refuse before any work is done.

        Raises: Overloaded.
        """
        if self.taken >= self._limit:
            raise Overloaded

    def enter(self, key: str) -> None:
        """Take a place for a key.

        Raises: Overloaded, TooManyStreams if the key has its share already.
        """
        self.check()
        if self._per_key:
            if self._by_key[key] >= self._per_key:
                raise TooManyStreams
            self._by_key[key] += 1
        self.taken += 1

    def leave(self, key: str) -> None:
        """Give the place back."""
        self.taken -= 1
        if self._per_key:
            self._by_key[key] -= 1
            if not self._by_key[key]:
                del self._by_key[key]


class Place:
    """A request's place: taken once, given back once."""

    __slots__ = ("_key", "_lane", "_taken")

    def __init__(self, lane: Lane, key: str) -> None:
        self._lane = lane
        self._key = key
        self._taken = False

    def take(self) -> None:
        """Take it.

        Raises: Overloaded, TooManyStreams.
        """
        self._lane.enter(self._key)
        self._taken = True

    def give_back(self) -> None:
        """Give it back, if it was taken."""
        if self._taken:
            self._lane.leave(self._key)
            self._taken = False


class Lanes:
    """The lanes of a process."""

    def __init__(self, settings: Settings) -> None:
        self.requests = Lane(settings.max_requests)
        self.streams = Lane(settings.max_streams, settings.max_streams_per_key)
        self.open = Lane(math.inf)

    def of(self, operation: Json, media_types: set[str]) -> Lane:
        """The lane of an operation of the contract, whose answers have these media types."""
        if "x-scope" not in operation:
            return self.open
        lasts = operation.get("x-waits") or not media_types <= {"application/json"}
        return self.streams if lasts else self.requests
