"""The client: one attribute for each tag of the contract."""

from typing import Self

from .._settings import Reconnect, Settings
from .events import Events
from .exports import Exports
from .feed import Feed
from .files import Files
from .graphs import Graphs
from .jobs import Jobs
from .kinds import Kinds
from .projects import Projects
from .queues import Queues
from .runs import Runs
from .schedules import Schedules
from .specs import Specs
from .system import System
from .tasks import Tasks
from .transport import Transport


class Prazium:
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
        transport = Transport(self.settings)
        self.projects = Projects(transport)
        self.specs = Specs(transport)
        self.runs = Runs(transport)
        self.tasks = Tasks(transport)
        self.events = Events(transport)
        self.feed = Feed(transport)
        self.exports = Exports(transport)
        self.graphs = Graphs(transport)
        self.jobs = Jobs(transport)
        self.queues = Queues(transport)
        self.schedules = Schedules(transport)
        self.kinds = Kinds(transport)
        self.files = Files(transport)
        self.system = System(transport)
        self._transport = transport

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
