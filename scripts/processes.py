"""The long-running processes: the API, a worker, and the database that they share."""

import asyncio
import contextlib
import ctypes
import importlib
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import structlog
import uvloop
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLog
from starlette.types import ASGIApp
from uvicorn_worker import UvicornWorker

from db import embedded
from db.errors import DatabaseUnavailable
from db.migrate import migrate
from handlers.gateway.app import create_app
from handlers.gateway.metrics import exposed
from handlers.gateway.protocol import Wire
from services import duties
from services.adapters import redis_cache
from services.context import opened
from services.engine.executors import ABANDONED
from services.engine.worker import Worker
from services.garbage import collect_rarely
from services.run_kinds import of_installation
from services.settings import Settings

log = structlog.get_logger()

GRACE_S = 8.0
"""Within so long after SIGTERM a process has ended; gunicorn kills it a second later."""
IDLE_S = 75
"""Idle connections are kept longer than balancers keep theirs (60 s), so that those close them."""
START_S = 30.0
"""A process that serves or works waits so long for the database when it starts."""
RETRY_S = 1.0
PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def database(settings: Settings, *, patience_s: float = 0.0) -> Iterator[str]:
    """The database of the settings, or the embedded one; migrated.

    Raises: DatabaseUnavailable if it cannot be reached for so long.
    """
    with contextlib.ExitStack() as stack:
        url = settings.database_url or stack.enter_context(
            embedded.server(settings.data_dir / "postgres")
        )
        migrate_in_time(url, time.monotonic() + patience_s)
        yield url


def migrate_in_time(url: str, deadline: float) -> None:
    """Migrate; wait until the deadline for a database that starts later than we do.

    Raises: DatabaseUnavailable.
    """
    while True:
        try:
            migrate(url)
            return
        except DatabaseUnavailable as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database.waiting", error=str(error))
            time.sleep(RETRY_S)


def serve(settings: Settings, url: str) -> None:
    """Serve the API with gunicorn until SIGTERM or SIGINT; requests in flight are finished."""
    application = create_app(settings, url)
    allow_many_connections()
    HttpProcess.CONFIG_KWARGS["timeout_graceful_shutdown"] = GRACE_S - settings.drain_notice
    Gunicorn(
        application,
        bind=f"{settings.host}:{settings.port}",
        workers=settings.api_processes,
        worker_class="scripts.processes.HttpProcess",
        preload_app=True,
        keepalive=IDLE_S,
        post_fork=lambda server, worker: die_with_parent(),
        when_ready=lambda server: log.info("serve.ready", address=str(server.LISTENERS[0])),
        graceful_timeout=int(GRACE_S) + 1,
        loglevel="warning",
        logger_class=Log,
        control_socket_disable=True,
    ).run()


class HttpProcess(UvicornWorker):
    """Uvicorn under gunicorn, with our protocol and without its own logs and headers."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": Wire,
        "ws": "none",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
    }


class Log(GunicornLog):
    """What gunicorn logs, and uvicorn under it, as all other lines."""

    def setup(self, cfg: Any) -> None:
        """Take the handlers of the process in the place of its own."""
        super().setup(cfg)
        self.error_log.handlers = list(logging.getLogger().handlers)


class Gunicorn(BaseApplication):
    """gunicorn with these settings, without a configuration file."""

    def __init__(self, application: ASGIApp, **options: Any) -> None:
        self._application = application
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> ASGIApp:
        """The application."""
        return self._application


def allow_many_connections() -> None:
    """Let this process open as many files as its user may; each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def die_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent ends, even if that is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def work(settings: Settings, url: str, queues: list[str] | None = None) -> None:
    """Run a worker on these queues, or on all, until SIGTERM or SIGINT.

    Its loop is uvloop, as the API has it: a job costs the worker a tenth less.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(working(settings, url, queues))


async def working(settings: Settings, url: str, queues: list[str] | None) -> None:
    """A worker's life; its jobs call out, and the first would wait while aiohttp is loaded."""
    importlib.import_module("aiohttp")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shared = redis_cache.shared_of(settings)
    async with opened(settings, url, shared=shared) as app, exposed(app):
        keeping = asyncio.create_task(duties.keep(app))
        worker = Worker(app, of_installation(settings), queues)
        collect_rarely(settings.worker_concurrency)
        log.info("worker.ready", queues=queues or "all", slots=settings.worker_concurrency)
        await worker.run(stop)
        keeping.cancel()
    if ABANDONED:  # the loop would wait for what does not end
        os._exit(0)
