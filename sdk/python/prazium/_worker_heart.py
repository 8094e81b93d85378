"""Heartbeats from a thread with a connection of its own, so that no job's code can delay them."""

import logging
from collections.abc import Callable
from threading import Event, Thread

import httpx

from ._calls import connecting
from ._failures import PraziumError
from ._settings import Settings
from ._worker_calls import Pauses, data_of, encoded
from ._worker_id import new_worker_id
from ._worker_job import Job

log = logging.getLogger("prazium.worker")

MOST = 1000
TIMEOUT = 5.0


class Heart:
    """Keeps the leases of the jobs that `working()` gives, and tells `lost` each that is gone.

    Both are called in the thread.
    """

    def __init__(
        self,
        settings: Settings,
        lease_seconds: int,
        working: Callable[[], list[Job]],
        lost: Callable[[Job], None],
    ) -> None:
        self.worker_id = new_worker_id()
        self._settings = settings
        self._lease_seconds = lease_seconds
        self._working = working
        self._lost = lost
        self._stop = Event()
        self._thread = Thread(target=self._run, name="prazium-heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a beat that is on its way is not waited for."""
        self._stop.set()

    def _run(self) -> None:
        pauses = Pauses()
        headers = {**self._settings.headers(), "Content-Type": "application/json"}
        with httpx.Client(
            base_url=self._settings.base_url, headers=headers, timeout=TIMEOUT
        ) as http:
            pause = self._lease_seconds / 3
            while not self._stop.wait(pause):
                try:
                    self._beat(http)
                    pause, pauses = self._lease_seconds / 3, Pauses()
                except PraziumError as error:
                    log.warning("A heartbeat failed: %s", error)
                    pause = min(pauses.next(), self._lease_seconds / 3)
                except Exception:  # without a heartbeat the worker would lose every lease
                    log.exception("A heartbeat failed.")

    def _beat(self, http: httpx.Client) -> None:
        jobs = self._working()
        for start in range(0, len(jobs), MOST):
            self._extend(http, jobs[start : start + MOST])

    def _extend(self, http: httpx.Client, jobs: list[Job]) -> None:
        body = {
            "workerId": self.worker_id,
            "leaseSeconds": self._lease_seconds,
            "leases": [job.lease for job in jobs],
        }
        with connecting():
            response = http.post("/worker/heartbeat", content=encoded(body))
        for job, lease in zip(jobs, data_of(response)["leases"], strict=True):
            if lease["state"] != "held":
                self._lost(job)
