"""The client: one attribute for each tag of the contract."""

from typing import Self

from .._settings import Reconnect, Settings
from .events import AsyncEvents
from .exports import AsyncExports
from .feed import AsyncFeed
from .files import AsyncFiles
from .graphs import AsyncGraphs
from .jobs import AsyncJobs
from .kinds import AsyncKinds
from .projects import AsyncProjects
from .queues import AsyncQueues
from .runs import AsyncRuns
from .schedules import AsyncSchedules
from .specs import AsyncSpecs
from .system import AsyncSystem
from .tasks import AsyncTasks
from .transport import AsyncTransport


class AsyncPrazium:
    """A client of the Prazium API; close it, or use it in a `with` statement.

    Args:
        api_key: `pzm_…`, or the environment variable PRAZIUM_API_KEY.
        base_url: the address with its version, or PRAZIUM_BASE_URL, or the local installation.
        timeout: seconds to connect, and to wait for each part of an answer.
        reconnect: when an event stream is taken up again.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 60.0,
        reconnect: Reconnect | None = None,
    ) -> None:
        self.settings = Settings.of(api_key, base_url, timeout, reconnect)
        transport = AsyncTransport(self.settings)
        self.projects = AsyncProjects(transport)
        self.specs = AsyncSpecs(transport)
        self.runs = AsyncRuns(transport)
        self.tasks = AsyncTasks(transport)
        self.events = AsyncEvents(transport)
        self.feed = AsyncFeed(transport)
        self.exports = AsyncExports(transport)
        self.graphs = AsyncGraphs(transport)
        self.jobs = AsyncJobs(transport)
        self.queues = AsyncQueues(transport)
        self.schedules = AsyncSchedules(transport)
        self.kinds = AsyncKinds(transport)
        self.files = AsyncFiles(transport)
        self.system = AsyncSystem(transport)
        self._transport = transport

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
