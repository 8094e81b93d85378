"""A connection between two requests: how long it is kept."""

from abc import ABC, abstractmethod
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOK_S = 0.02


class Idling(HttpToolsProtocol, ABC):
    """A connection with one timer for all its idle times.

    A timer for each request, cancelled by the next, would cost more than to parse it: the one that
    runs looks, when its time has come, how long the connection has been idle.
    """

    QUIET_S = 0.5
    """An idle connection of a process that ends is closed after so long without a request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._idle_since: float | None = None

    @abstractmethod
    def _ends(self) -> bool:
        """Whether the process has been asked to end."""

    @abstractmethod
    def _end(self) -> None:
        """Close the connection."""

    def _wait_for_next(self) -> None:
        """Be idle from now on."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_in(self._patience())
        elif self._ends():
            self._unset_keepalive_if_required()
            self._look_in(self._patience())

    def _is_used_by(self, data: bytes) -> bool:
        """Whether this says anything: line breaks before a request do not.

        Source: RFC 9112, section 2.2.
        """
        if self._idle_since is not None and not data.strip(b"\r\n"):
            return False
        self._idle_since = None
        return True

    def _patience(self) -> float:
        return self.QUIET_S if self._ends() else self.timeout_keep_alive

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def timeout_keep_alive_handler(self) -> None:
        """Whether the connection has been idle for too long.

        If so, it is looked at once more, as timers come before what has arrived: a process that had
        no time for a while would close on a request otherwise.
        """
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # what makes it idle sets a timer again
        left = self._idle_since + self._patience() - self.loop.time()
        if left > 0:
            self._look_in(left)
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                LOOK_S, self._end_if_idle, self._idle_since
            )

    def _end_if_idle(self, since: float) -> None:
        if self._idle_since == since:
            self._end()
        else:
            self.timeout_keep_alive_handler()
