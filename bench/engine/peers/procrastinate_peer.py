"""procrastinate: async worker and connector, jobs deferred in batches, as its docs advise.

It stores no results: what a task returns is dropped, so only the jobs' states are checked.
"""

import asyncio
import os
from typing import Any

import procrastinate
import psycopg

from bench.engine.client import serve
from bench.engine.job import job

CONCURRENCY = 20
POOL = 8
LEFT = "EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
SUCCEEDED = """(SELECT (count(*), sum((args ->> 'n')::int))::text
    FROM procrastinate_jobs WHERE status = 'succeeded')"""

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_URL"], max_size=POOL)
)


@app.task(name="bench")
async def bench(n: int) -> dict[str, int]:
    """The job."""
    return job(n)


class Client:
    """Defers and looks."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(opened())
        self._look = psycopg.connect(os.environ["BENCH_URL"], autocommit=True)

    def enqueue(self, inputs: list[int], *, parked: bool = False) -> None:
        """One statement and one transaction for all."""
        deferrer = bench.configure(queue="parked" if parked else "default")
        self._runner.run(deferrer.batch_defer_async(*({"n": n} for n in inputs)))

    def left(self, count: int) -> bool:
        """Whether any has not ended."""
        return bool(self._value(LEFT))

    def fault(self, inputs: list[int]) -> str:
        """Every job has succeeded, with its three events."""
        found = self._value(SUCCEEDED), self._value("(SELECT count(*) FROM procrastinate_events)")
        wanted = f"({len(inputs)},{sum(inputs)})", 3 * len(inputs)
        return "" if found == wanted else f"{found} is not {wanted}"

    def clear(self) -> None:
        """Remove all jobs and events."""
        self._look.execute("TRUNCATE procrastinate_jobs, procrastinate_events CASCADE")

    def _value(self, expression: str) -> Any:
        row = self._look.execute(f"SELECT {expression}".encode()).fetchone()
        return row and row[0]


async def opened() -> None:
    """Open the pool in the client's event loop."""
    await app.open_async()


def prepare() -> None:
    """Create its tables."""
    connector = procrastinate.SyncPsycopgConnector(conninfo=os.environ["BENCH_URL"])
    with app.replace_connector(connector) as replaced, replaced.open():
        replaced.schema_manager.apply_schema()


async def work() -> None:
    """The worker's process."""
    async with app.open_async():
        await app.run_worker_async(queues=["default"], concurrency=CONCURRENCY)


ROLES = {
    "prepare": prepare,
    "worker": lambda: asyncio.run(work()),
    "client": lambda: serve(Client()),  # type: ignore[arg-type]  # it has no steps
}
