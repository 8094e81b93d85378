"""Heartbeats from a thread of their own, so that no task's code can delay them."""

import os
import socket
import threading
import time
from collections.abc import Callable

import msgspec
import structlog

from db.errors import DatabaseUnavailable
from db.queries import load
from db.thread import ThreadSession, session
from services.engine.claim import Lease

sql = load("engine")
log = structlog.get_logger()


class Held(msgspec.Struct, frozen=True):
    """A lease that is still this worker's."""

    task_id: str
    lease_token: int


class Standing(msgspec.Struct, frozen=True):
    """How a worker stands, for those who look at all workers; no queues are all queues."""

    queues: list[str] | None = None
    slots: int = 0
    working: int = 0
    leases_lost: int = 0


class Heartbeat:
    """Extends the leases that a worker works on and tells which are still held.

    `working()` gives their leases: a lease whose task has ended without a record must run out.
    `on_held(held, began)` is called after every beat with the leases that it found and the
    monotonic time at which it began. `standing()` is told with every beat. All are called in the
    thread; they must be quick and safe.
    """

    def __init__(
        self,
        url: str,
        worker_id: str,
        lease_seconds: float,
        working: Callable[[], list[Lease]],
        on_held: Callable[[set[tuple[str, int]], float], None],
        standing: Callable[[], Standing] = Standing,
    ) -> None:
        self._url = url
        self._worker_id = worker_id
        self._lease_seconds = lease_seconds
        self._working = working
        self._on_held = on_held
        self._standing = standing
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until the last beat is over."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with session(self._url, "prazium_system") as connection:
                    self._beat(connection)
            except DatabaseUnavailable as error:
                log.warning("heartbeat.reconnect", error=str(error))
            except Exception as error:  # a worker without a heartbeat would lose every lease
                log.error("heartbeat.crashed", exc_info=error)
            self._stop.wait(1.0)

    def _beat(self, connection: ThreadSession) -> None:
        while not self._stop.is_set():
            connection.run(
                sql.see_worker,
                worker_id=self._worker_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                **msgspec.structs.asdict(self._standing()),
            )
            began = time.monotonic()
            leases = self._working()
            held = connection.all(
                sql.extend_leases,
                Held,
                worker_id=self._worker_id,
                tenant_ids=[lease.tenant_id for lease in leases],
                run_ids=[lease.run_id for lease in leases],
                task_ids=[lease.task_id for lease in leases],
                lease_seconds=self._lease_seconds,
            )
            self._on_held({(lease.task_id, lease.lease_token) for lease in held}, began)
            self._stop.wait(min(1.0, self._lease_seconds / 3))
