"""DBOS Transact: a queue of workflows; steps of a workflow for chain and fan-out.

A queue is polled once a second unless told otherwise; POLL_S makes that twenty times as often.
"""

import asyncio
import os
import time
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig

from bench.engine.client import serve
from bench.engine.job import job

POOL = 8
POLL_S = 0.05
WORKER_CONCURRENCY = 64
URL = os.environ["BENCH_URL"].replace("postgresql://", "postgresql+psycopg://")
CONFIG: DBOSConfig = {
    "name": "bench",
    "system_database_url": URL,
    "sys_db_pool_size": POOL,
    "application_version": "1",
    "log_level": "ERROR",
}


@DBOS.workflow(name="bench")
async def bench(n: int) -> dict[str, int]:
    """The job."""
    return job(n)


@DBOS.step()
async def step(n: int) -> dict[str, int]:
    """A step of the job's size."""
    return job(n)


@DBOS.workflow(name="chain")
async def chain(steps: int) -> int:
    """One step after the other."""
    return sum([(await step(n))["twice"] for n in range(steps)])


@DBOS.workflow(name="fan")
async def fan(width: int) -> int:
    """Steps at once, and one after all."""
    results = await asyncio.gather(*(step(n) for n in range(width)))
    last: dict[str, int] = await step(sum(found["n"] for found in results))
    return last["twice"]


class Client:
    """Enqueues from outside; workflows of steps run in the worker."""

    def __init__(self) -> None:
        self._engine = sa.create_engine(URL, pool_size=POOL)
        self._client = DBOSClient(system_database_url=URL, system_database_pool_size=POOL)

    def enqueue(self, inputs: list[int], *, parked: bool = False) -> None:
        """All in one transaction."""
        queue = "parked" if parked else "jobs"
        with self._engine.begin() as connection:
            for n in inputs:
                options: Any = {"queue_name": queue, "workflow_name": "bench", "app_version": "1"}
                self._client.enqueue_in_transaction(connection, options, n)

    def left(self, count: int) -> bool:
        """Whether any has not ended."""
        return bool(
            self._value(
                "EXISTS (SELECT FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING'))"
            )
        )

    def fault(self, inputs: list[int]) -> str:
        """Every workflow has succeeded and has its result."""
        found = self._client.list_workflows(name="bench", limit=len(inputs) + 1)
        results = [one.output for one in found if one.status == "SUCCESS"]
        right = sorted(r["twice"] for r in results) == [2 * n for n in inputs]
        return "" if right else f"{len(results)} results of {len(inputs)} jobs"

    def clear(self) -> None:
        """Remove all workflows."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.text("TRUNCATE dbos.workflow_status, dbos.operation_outputs CASCADE")
            )

    def chains(self, count: int, steps: int) -> None:
        """Enqueued like jobs: what the queue takes is counted with the steps, as with ours."""
        self._run("chain", steps, steps * (steps - 1), count)

    def fan(self, width: int) -> None:
        """Likewise."""
        self._run("fan", width, width * (width - 1))

    def _run(self, workflow: str, size: int, result: int, count: int = 1) -> None:
        options: Any = {"queue_name": "jobs", "workflow_name": workflow, "app_version": "1"}
        handles: list[Any] = [self._client.enqueue(options, size) for _ in range(count)]
        for handle in handles:
            found = handle.get_result(polling_interval_sec=0.005)
            assert found == result, found

    def _value(self, expression: str) -> Any:
        with self._engine.begin() as connection:
            return connection.execute(sa.text(f"SELECT {expression}")).scalar()


def work() -> None:
    """The worker's process."""
    DBOS(config=CONFIG)
    DBOS.listen_queues(["jobs"])
    DBOS.launch()
    for name in ("jobs", "parked"):
        DBOS.register_queue(
            name, worker_concurrency=WORKER_CONCURRENCY, polling_interval_sec=POLL_S
        )
    while True:
        time.sleep(3600)


def prepare() -> None:
    """Create its tables."""
    DBOS(config=CONFIG)
    DBOS.launch()
    DBOS.destroy()


ROLES = {"prepare": prepare, "worker": work, "client": lambda: serve(Client())}
