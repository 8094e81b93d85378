"""How a client reaches the service."""

import os

from attrs import field, frozen

from ._contract import BASE_URL, VERSION


@frozen
class Reconnect:
    """When an event stream is taken up again. All times are seconds.

    Attributes:
        attempts: how often in a row without a new event, or a connection that held for a heartbeat.
        first_delay: before the first attempt, doubled for each next; a random part of it is waited.
        longest_delay: the most to wait.
        heartbeat: silence after which a connection counts as dead; the service sends every 15 s.
    """

    attempts: int = 8
    first_delay: float = 0.5
    longest_delay: float = 15.0
    heartbeat: float = 45.0


@frozen
class Settings:
    """What a client was made with.

    Attributes:
        api_key: sent as a bearer token, if there is one.
        base_url: the address with the version.
        timeout: seconds to connect, and to wait for each part of an answer.
    """

    api_key: str | None = field(repr=False)
    base_url: str
    timeout: float
    reconnect: Reconnect

    @classmethod
    def of(
        cls, api_key: str | None, base_url: str | None, timeout: float, reconnect: Reconnect | None
    ) -> "Settings":
        """The settings; what is None comes from the environment or is the default."""
        return cls(
            api_key or os.environ.get("PRAZIUM_API_KEY"),
            base_url or os.environ.get("PRAZIUM_BASE_URL") or BASE_URL,
            timeout,
            reconnect or Reconnect(),
        )

    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        headers = {"User-Agent": f"prazium-python/{VERSION}"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return headers
