"""A small kind of run whose functions the tests write."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import psycopg
import pytest

from db.pool import Transaction
from db.queries import Query
from generated.models import Failure, Outcome
from services.context import App, Context, new_id, system_transaction
from services.engine import claim, retry, worker
from services.engine.claim import Lease, LeaseLost, TaskContext, TaskRow
from services.engine.ending import end_run
from services.engine.graph.adding import NewTask
from services.engine.graph.settling import add_graph
from services.engine.kind import Child, Completion, EndedRun, Kind, Kinds
from services.engine.lanes import Heads
from services.engine.retry import TaskFailed
from services.engine.worker import Worker
from services.settings import Settings

CREATE_RUN = Query(
    "test.create_run",
    b"INSERT INTO run (id, kind, status, trigger, agent, on_failure, input, parent_id, "
    b"parent_task, depth) VALUES (%(id)s, 'test', 'running', 'manual', 'scaffold', "
    b"%(on_failure)s, %(input)s, %(parent_id)s, %(parent_task)s, %(depth)s)",
)
EFFECT = Query("test.effect", b"INSERT INTO effect (what, whose) VALUES (%(what)s, %(whose)s)")
EFFECT_TABLE = """
    CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, what text, whose text);
    GRANT SELECT, INSERT ON effect TO prazium_app;
"""

Does = Callable[[TaskContext, TaskRow], Awaitable[Completion]]


class Event(msgspec.Struct):
    """An event as it is stored."""

    seq: int
    type: str
    slug: str | None
    payload: dict[str, Any]


class Lab:
    """Runs of kind `test`, their functions by slug, and what became of them."""

    def __init__(self, app: App, ctx: Context, url: str) -> None:
        self.app = app
        self.ctx = ctx
        self.does: dict[str, Does] = {}
        self.owner = psycopg.connect(url, autocommit=True)
        self.owner.execute(EFFECT_TABLE.encode())
        self.graphs: dict[str, list[NewTask]] = {}
        kind = Kind(functions={"do": self._do}, ended=self._ended, start=self._start)
        self.kinds = {"test": kind}

    async def _do(self, ctx: TaskContext, task: TaskRow) -> Completion:
        return await self.does.get(task.slug, nothing)(ctx, task)

    async def _ended(
        self, tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None
    ) -> None:
        await tx.run(EFFECT, what=f"ended:{run.id}", whose=outcome)

    async def _start(
        self, tx: Transaction, kinds: Kinds, children: list[Child]
    ) -> list[str | TaskFailed]:
        """Sub-runs, each of the graph in `graphs` that its input names."""
        return [await self._start_one(tx, child) for child in children]

    async def _start_one(self, tx: Transaction, child: Child) -> str | TaskFailed:
        if child.input["graph"] not in self.graphs:
            return TaskFailed("NO_GRAPH", "There is no such graph.")
        tasks = self.graphs[child.input["graph"]]
        above = {name: getattr(child, name) for name in ("parent_id", "parent_task", "depth")}
        return await self._create(tx, tasks, input=child.input, **above)

    async def _create(self, tx: Transaction, tasks: list[NewTask], **options: Any) -> str:
        run_id = new_id("run")
        defaults = {"on_failure": None, "input": {}, "parent_id": None, "parent_task": None}
        await tx.run(CREATE_RUN, id=run_id, **defaults | {"depth": 0} | options)
        await add_graph(tx, self.kinds, run_id, tasks)
        return run_id

    async def start(self, *tasks: NewTask, goes_on: bool = False) -> str:
        """A run with these tasks; its id."""
        async with self.ctx.transaction() as tx:
            return await self._create(tx, list(tasks), on_failure="continue" if goes_on else None)

    @asynccontextmanager
    async def working(self, count: int = 1) -> AsyncIterator[list[Worker]]:
        """Workers that stop with this block."""
        stop = asyncio.Event()
        workers = [Worker(self.app, self.kinds) for _ in range(count)]
        tasks = [asyncio.create_task(one.run(stop)) for one in workers]
        try:
            yield workers
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def finish(self, run_id: str, seconds: float = 20.0) -> str:
        """Wait for the run's end; its status."""
        await until(lambda: bool(self.run(run_id)[1]), seconds)
        return str(self.run(run_id)[0])

    async def work_through(self, run_id: str) -> str:
        """Let one worker carry the run to its end; its status."""
        async with self.working():
            return await self.finish(run_id)

    async def cancel(self, run_id: str) -> bool:
        """Cancel the run as a customer does."""
        async with self.ctx.transaction() as tx:
            return await end_run(tx, self.kinds, run_id, Outcome.cancelled, None)

    async def claim(self, who: str, slots: int = 1, lasting: float = 30.0) -> list[Lease]:
        """Claim as a worker that has just come does: first what others have lost is freed."""
        await claim.free(self.app, 1e9)
        async with system_transaction(self.app) as tx:
            return await claim.claim(
                tx,
                Heads(),
                worker_id=who,
                kinds=["test.do", "engine.wait", "engine.run"],
                slots=slots,
                lease_seconds=lasting,
            )

    async def begin(self, lease: Lease) -> TaskRow:
        """Begin a task that was claimed.

        Raises: LeaseLost.
        """
        async with self.ctx.transaction() as tx:
            for task in await claim.begin(tx, [lease]):
                return task
        raise LeaseLost(lease.task_id)

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        """Look into the database past the policies."""
        return self.owner.execute(statement.encode(), parameters).fetchall()

    def run(self, run_id: str) -> Any:
        """Status, whether it has ended, error."""
        return self.rows(
            "SELECT status, completed_at IS NOT NULL, error FROM run WHERE id = %s", run_id
        )[0]

    def statuses(self, run_id: str) -> dict[str, str]:
        """The tasks' statuses by slug."""
        return dict(self.rows("SELECT slug, status FROM task WHERE run_id = %s", run_id))

    def task(self, slug: str) -> Any:
        """Status, attempt, error of a task."""
        return self.rows("SELECT status, attempt, error FROM task WHERE slug = %s", slug)[0]

    def events(self, run_id: str) -> list[Event]:
        """The run's events in their order."""
        found = self.rows(
            "SELECT seq, event.type, task.slug, payload FROM event LEFT JOIN task "
            "ON task.id = event.task_id WHERE event.run_id = %s ORDER BY seq",
            run_id,
        )
        return [Event(*row) for row in found]

    def said(self, run_id: str) -> list[str]:
        """The run's events as `type slug`."""
        return [f"{event.type} {event.slug or ''}".strip() for event in self.events(run_id)]

    def effects(self) -> list[str]:
        """What functions have recorded, in order."""
        found = self.rows("SELECT what FROM effect WHERE what NOT LIKE 'ended:%%' ORDER BY n")
        return [row[0] for row in found]

    def expire_leases(self) -> None:
        """Let all leases run out."""
        self.owner.execute(
            "UPDATE ready SET lease_until = now() - interval '1 second' "
            "WHERE lease_until IS NOT NULL"
        )


async def nothing(ctx: TaskContext, task: TaskRow) -> Completion:
    """A function that only succeeds."""
    return Completion()


def effect(what: str, whose: str = "") -> Callable[[Transaction], Awaitable[None]]:
    """A record that writes one row."""

    async def record(tx: Transaction) -> None:
        await tx.run(EFFECT, what=what, whose=whose)

    return record


def new(slug: str, *after: str, sequence: int = 0, **options: Any) -> NewTask:
    """A task that waits for others; sequences follow the slugs."""
    place = sequence or sum(byte * 131**i for i, byte in enumerate(slug.encode())) % 2**31
    given = {"kind": "test.do", "definition": {}, "key": slug, "slug": slug} | options
    return NewTask(sequence=place, after=list(after), **given)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Short leases."""
    return msgspec.structs.replace(settings, lease_seconds=1.5)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between attempts and looks."""
    monkeypatch.setattr(retry, "BASE_S", 0.02)
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    monkeypatch.setattr(worker, "DRAIN_S", 0.5)


@pytest.fixture
async def lab(app: App, ctx: Context, database: str) -> AsyncIterator[Lab]:
    """A laboratory on the test's database."""
    made = Lab(app, ctx, database)
    yield made
    made.owner.close()
