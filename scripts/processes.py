"""The long-running processes: the API, a worker, and the database that they share."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import structlog
import uvicorn

from db import embedded
from db.migrate import migrate
from handlers.gateway.app import create_app
from services import builds, exports
from services.context import App, opened
from services.engine.worker import Worker
from services.errors import PraziumError
from services.kinds import KINDS
from services.settings import Settings

log = structlog.get_logger()

HOUSEKEEPING_S = 30.0


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The database of the settings, or the embedded one; migrated."""
    with contextlib.ExitStack() as stack:
        url = settings.database_url or stack.enter_context(
            embedded.server(settings.data_dir / "postgres")
        )
        migrate(url)
        yield url


def serve(settings: Settings, url: str) -> None:
    """Serve the API until SIGTERM or SIGINT."""
    uvicorn.run(
        create_app(settings, url),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


async def work(settings: Settings, url: str) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings, url) as app:
        keeping = asyncio.create_task(keep_house(app))
        await Worker(app, KINDS).run(stop)
        keeping.cancel()


async def keep_house(app: App) -> None:
    """Now and then remove what nobody needs: lost worktrees, expired archives."""
    while True:
        try:
            await builds.sweep(app)
            await exports.expire(app)
        except (PraziumError, OSError) as error:
            log.warning("housekeeping.failed", error=type(error).__name__)
        await asyncio.sleep(HOUSEKEEPING_S)
