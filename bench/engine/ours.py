"""Ours: the worker that `prazium worker` is, with one more kind; jobs queued as the API does."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Coroutine, Mapping
from typing import Any

import msgspec
import psycopg

from bench.engine.client import serve
from bench.engine.history import PARKED, TENANT
from bench.engine.job import job
from db.migrate import migrate
from db.pool import Transaction
from db.queries import Query
from generated.models import Failure, Outcome
from scripts import logs, processes
from services.context import App, new_id, opened, tenant_transaction
from services.engine.claim import TaskContext, TaskRow
from services.engine.enqueue import NewRun, enqueue
from services.engine.graph.adding import NewTask, add_tasks
from services.engine.kind import Completion, EndedRun, Kind
from services.engine.lanes import Lane
from services.garbage import collect_rarely
from services.run_kinds import of_installation
from services.settings import Settings, load

SERVED = "bench.job"
LANE = Lane(TENANT, "default", SERVED).id
POLL_S = 0.005
PLANNED = "-c plan_cache_mode=force_generic_plan"
"""Whoever looks again and again does not have it planned each time, over all partitions."""
WORKER_CONCURRENCY = 3200
CREATE_RUN = Query(
    "bench.create_run",
    b"INSERT INTO run (id, kind, status, trigger) VALUES (%(id)s, 'bench', 'executing', 'manual')",
)
ENDED = b"""SELECT status FROM run
    WHERE tenant_id = %s AND id = %s AND completed_at IS NOT NULL"""
LEFT = f"""SELECT EXISTS (
        SELECT FROM ready WHERE lane = {LANE} AND lease_until IS NULL AND run_at IS NULL)
    OR EXISTS (SELECT FROM ready WHERE lease_until IS NOT NULL)"""
CLEAR = b"TRUNCATE run, task, event, ready, dedupe, task_dependency CASCADE"
FOUND = """SELECT count(*), coalesce(sum((output ->> 'twice')::bigint), 0),
    (SELECT count(*) FROM event WHERE run_id >= %(first)s)
    FROM run WHERE id >= %(first)s AND status = 'succeeded'"""


async def run_job(ctx: TaskContext, task: TaskRow) -> Completion:
    """The job."""
    return Completion(result=job(msgspec.json.decode(task.definition)["n"]))


async def ended(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """Nothing follows."""


KIND = Kind(functions={"job": run_job}, ended=ended)


class Client:
    """Queues, and looks as the owner of the tables."""

    def __init__(self) -> None:
        # Hints leave in the background, so the loop has to go on between two orders.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        url = os.environ["BENCH_URL"]
        self._opened = opened(own_settings(), url)
        self._app: App = self._do(self._opened.__aenter__())
        self._look = psycopg.connect(url, autocommit=True, options=PLANNED)
        self._keeps = os.environ.get("BENCH_KEEPS") == "1"
        self._first = self._last = ""
        collect_rarely()  # as the API does

    def enqueue(self, inputs: list[int], *, parked: bool = False) -> None:
        """As the service of the API's bulk create does."""
        name = (PARKED if parked else SERVED).removeprefix("bench.")
        runs = [NewRun(id=new_id("job"), kind="bench", name=name, input={"n": n}) for n in inputs]
        if not inputs or inputs[0] == 0:
            self._first = runs[0].id
        self._last = runs[-1].id
        self._do(self._enqueue(runs))

    def left(self, count: int) -> bool:
        """Whether any has not ended: the last one first, as that costs nothing."""
        if not self._status(self._last):
            return True
        row = self._look.execute(LEFT.encode()).fetchone()
        return bool(row and row[0])

    def fault(self, inputs: list[int]) -> str:
        """Every run has succeeded, with its result and three events."""
        found = self._look.execute(FOUND.encode(), {"first": self._first}).fetchone()
        wanted = (len(inputs), 2 * sum(inputs), 3 * len(inputs))
        return "" if found == wanted else f"{found} is not {wanted}"

    def clear(self) -> None:
        """Remove all runs, unless this is the one with a history."""
        while not self._keeps:
            with contextlib.suppress(psycopg.errors.DeadlockDetected):  # the worker looks meanwhile
                self._look.execute(CLEAR)
                return

    def chains(self, count: int, steps: int) -> None:
        """One task after the other, in so many runs."""
        self._run([task(n, *range(max(n - 1, 0), n)) for n in range(steps)], count)

    def fan(self, width: int) -> None:
        """Tasks at once, and one after all."""
        self._run([*(task(n) for n in range(width)), task(width, *range(width))])

    def _run(self, tasks: list[NewTask], count: int = 1) -> None:
        runs = [new_id("run") for _ in range(count)]
        for run_id in runs:
            self._do(self._start(run_id, tasks))
        for run_id in runs:
            while not (status := self._status(run_id)):
                time.sleep(POLL_S)
            assert status == "succeeded", status

    def _status(self, run_id: str) -> str | None:
        """How a run has ended, if it has."""
        row = self._look.execute(ENDED, [TENANT, run_id]).fetchone()
        return row[0] if row else None

    async def _start(self, run_id: str, tasks: list[NewTask]) -> None:
        async with tenant_transaction(self._app, TENANT) as tx:
            await tx.run(CREATE_RUN, id=run_id)
            await add_tasks(tx, run_id, tasks)

    async def _enqueue(self, runs: list[NewRun]) -> None:
        async with tenant_transaction(self._app, TENANT) as tx:
            await enqueue(tx, runs)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def task(n: int, *after: int) -> NewTask:
    """A step."""
    keys = [str(one) for one in after]
    return NewTask(
        key=str(n), slug=f"step-{n}", after=keys, kind=SERVED, sequence=n, definition={"n": n}
    )


def own_settings() -> Settings:
    """As little log as the peers write; as many at a time as serve it best."""
    return load(
        {"PRAZIUM_LOG_LEVEL": "warning", "PRAZIUM_WORKER_CONCURRENCY": str(WORKER_CONCURRENCY)}
    )


def work() -> None:
    """What `prazium worker` does, with one more kind."""
    given = own_settings()
    logs.configure(given.log_level, given.log_format)
    # Not a setting: those kinds would run in processes of their own, which peers' jobs do not.
    setattr(processes, "of_installation", with_bench)  # noqa: B010
    processes.work(given, os.environ["BENCH_URL"])


def with_bench(settings: Settings) -> Mapping[str, Kind]:
    """The kinds of an installation, and one whose function is called in the worker's loop."""
    return {**of_installation(settings), "bench": KIND}


def prepare(url: str) -> None:
    """The tables and a tenant."""
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(b"INSERT INTO tenant (id, name) VALUES (%s, 'bench')", [TENANT])


ROLES = {"worker": work, "client": lambda: serve(Client())}
