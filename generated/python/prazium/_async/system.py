"""client.system"""

from typing import Any

from .._generated.api.system import get_contract, get_health, get_ready, get_stats
from ..models import Health, Readiness, Stats
from .resource import AsyncResource


class AsyncSystem(AsyncResource):
    """Health, readiness and figures of the installation."""

    async def health(self) -> Health:
        """Whether the service is alive, and how the parts that it needs are."""
        return await self._transport.send(get_health.call())

    async def ready(self) -> Readiness:
        """Whether requests should be sent here.

        Raises: ServiceUnavailableError if not.
        """
        return await self._transport.send(get_ready.call())

    async def stats(self) -> Stats:
        """Figures of the whole installation, for an admin key."""
        return await self._data(get_stats.call())

    async def contract(self) -> dict[str, Any]:
        """The OpenAPI document of the server."""
        return (await self._transport.send(get_contract.call())).to_dict()
