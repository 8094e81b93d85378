"""A simulator of scheduler and leases: the engine's own functions and SQL under a clock of ours.

One connection, one transaction a seed, rolled back at its end: so thousands of seeds take a minute.
`clock_timestamp()` is ours by the search path; the statements are the product's, byte for byte.
Whatever happens, in whatever order: each job has at most one owner and exactly one end.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import msgspec
import psycopg

from db.pool import SESSION, Transaction
from db.rows import register
from generated.models import Failure, Outcome
from services.context import App, new_id, system_transaction, tenant_transaction
from services.engine import claim, lanes
from services.engine.claim import Lease, TaskRow
from services.engine.complete import Success, fail_task, finish
from services.engine.ending import end_run
from services.engine.enqueue import NewRun, enqueue
from services.engine.expiry import expire
from services.engine.kind import EndedRun, Kind
from services.engine.lanes import Heads
from services.engine.retry import RetryPolicy, TaskFailed, TaskOptions
from services.settings import Settings

CLOCK = """
    CREATE SCHEMA sim;
    GRANT USAGE ON SCHEMA sim TO prazium_app, prazium_system;
    CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS $$ SELECT current_setting('sim.now')::timestamptz $$
"""
OPTIONS = (
    f"{SESSION} -c search_path=sim,pg_catalog,public -c plan_cache_mode=force_generic_plan "
    "-c max_parallel_workers_per_gather=0"
)
BEGINNING = datetime(2030, 1, 7, tzinfo=UTC)
LEASE_S = 10.0
TENANTS = ("ten_a", "ten_b")
FOR_EVER = 4e9

Action = Callable[[], Awaitable[None]]


class Unpiped:
    """A connection without a pipeline, where a transaction expects one."""

    async def sync(self) -> None:
        """Every statement is on its way already."""


class Wire:
    """What the engine takes for the database: one connection, whoever asks for it."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._who = ("", "")

    @asynccontextmanager
    async def transaction(self, tenant: str, **_: str) -> AsyncIterator[Transaction]:
        """As the application, in a tenant."""
        await self.become("prazium_app", tenant)
        yield Transaction(self._connection, Unpiped(), tenant)  # type: ignore[arg-type]

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """As the machinery."""
        await self.become("prazium_system", "")
        yield Transaction(self._connection, Unpiped())  # type: ignore[arg-type]

    async def become(self, role: str, tenant: str = "") -> None:
        """Go on as somebody."""
        if self._who != (role, tenant):
            self._who = (role, tenant)
            await self._connection.execute(
                "SELECT set_config('role', %s, true), set_config('prazium.tenant', %s, true)",
                (role, tenant),
            )

    def begin(self) -> None:
        """Nobody yet: another transaction has begun."""
        self._who = ("", "")

    async def look(self, statement: str, *parameters: Any) -> list[Any]:
        """See everything."""
        await self.become("none")
        cursor = await self._connection.execute(statement.encode(), parameters)
        return await cursor.fetchall()


async def nothing(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """Nothing follows."""


KINDS = {"sim": Kind(functions={}, ended=nothing)}


class Held(msgspec.Struct):
    """What a worker has in its hands, whether it is still its own or not."""

    lease: Lease
    task: TaskRow | None = None


def check_shares(
    leases: list[Lease], free: list[str], slots: int, open_slots: int, holders: set[str]
) -> None:
    """As much as there was room for: the open slots for anybody, the others for newcomers."""
    got = Counter(lease.tenant_id for lease in leases)
    newcomers = set(free) - holders
    assert slots >= got.total() >= min(open_slots, len(free)), (got, free)
    assert got.total() == slots or newcomers <= got.keys(), (got, free)
    assert got.total() - len(newcomers & got.keys()) <= open_slots, (got, free)


class World:
    """One seed: jobs, workers, a clock, and what must be true of them."""

    def __init__(self, wire: Wire, seed: int) -> None:
        self.wire = wire
        self.dice = random.Random(seed)
        self.now = BEGINNING
        hints = SimpleNamespace(send=lambda hints: None, remind=lambda *when: None)
        self.app = App(Settings(), wire, hints)  # type: ignore[arg-type]
        self.heads = {worker: Heads() for worker in ("wrk_1", "wrk_2", "wrk_3")}
        self.hands: dict[str, list[Held]] = {worker: [] for worker in self.heads}
        self.owner: dict[str, tuple[str, int, datetime]] = {}
        self.claims: dict[str, int] = {}
        self.tenant: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.lost: Counter[str] = Counter()
        self.late = 0

    # What can happen

    async def play(self, steps: int) -> None:
        """So many things that happen, then peace until all is done, then the reckoning."""
        happenings: list[tuple[Action, int]] = [
            (self.create, 4),
            (self.take, 6),
            (self.start, 6),
            (self.tell, 2),
            (self.succeed, 5),
            (self.fail, 2),
            (self.beat, 2),
            (self.free, 3),
            (self.overdue, 2),
            (self.cancel, 1),
            (self.hand_back, 1),
            (self.crash, 1),
            (self.pass_time, 4),
            (self.pause, 1),
        ]
        actions, weights = zip(*happenings, strict=True)
        await self.create()
        for _ in range(steps):
            await self.dice.choices(actions, weights)[0]()
        await self.settle()
        await self.reckon()

    async def create(self) -> None:
        """A few jobs of one tenant."""
        tenant = self.dice.choice(TENANTS)
        jobs = [self.job() for _ in range(self.dice.randint(1, 3))]
        async with tenant_transaction(self.app, tenant) as tx:
            for run_id in await enqueue(tx, jobs):
                self.tenant[run_id] = tenant
                self.claims.setdefault(run_id, 0)

    def job(self) -> NewRun:
        """A job with options by chance."""
        some = self.dice.random
        policy = RetryPolicy(base_s=self.dice.choice([0.0, 5.0]), jitter=False)
        return NewRun(
            id=new_id("job"),
            kind="sim",
            name="do",
            input={},
            priority=self.dice.randint(0, 2),
            queue=self.dice.choice(["default", "other"]),
            max_attempts=self.dice.randint(1, 3),
            run_at=self.soon(30) if some() < 0.3 else None,
            timeout_s=15.0 if some() < 0.2 else None,
            start_by=self.soon(60) if some() < 0.1 else None,
            end_by=self.soon(120) if some() < 0.1 else None,
            dedupe_key=self.dice.choice(["x", "y"]) if some() < 0.2 else None,
            task_options=TaskOptions(policy, self.dice.choice(["safe", "safe", "never", "ask"])),
        )

    def soon(self, seconds: int) -> datetime:
        return self.now + timedelta(seconds=self.dice.randint(1, seconds))

    async def take(self) -> None:
        """A worker claims: only what is free, the most urgent of each tenant first.

        Some of its slots may be for tenants alone that hold none.
        """
        worker, slots = self.dice.choice(list(self.hands)), self.dice.randint(1, 3)
        open_slots = self.dice.choice([slots, self.dice.randint(0, slots)])
        holders = {held.lease.tenant_id for held in self.hands[worker]}
        free = {
            run: (tenant, priority)
            for run, tenant, priority in await self.wire.look(
                "SELECT run_id, ready.tenant_id, lane.priority FROM ready "
                "JOIN lane ON lane.tenant_id = ready.tenant_id AND lane.id = ready.lane "
                "JOIN queue ON queue.tenant_id = lane.tenant_id AND queue.name = lane.queue "
                "WHERE lease_until IS NULL AND run_at IS NULL AND paused_at IS NULL "
                "AND (expires_at IS NULL OR expires_at > clock_timestamp())"
            )
        }
        async with system_transaction(self.app) as tx:
            leases = await claim.claim(
                tx,
                self.heads[worker],
                worker_id=worker,
                kinds=["sim.do"],
                slots=slots,
                lease_seconds=LEASE_S,
                open_slots=open_slots,
                holders=holders,
            )
        check_shares(leases, [tenant for tenant, _ in free.values()], slots, open_slots, holders)
        for lease in leases:
            assert lease.run_id in free, "it was not free"
            assert lease.run_id not in self.owner, "it has an owner"
            until = self.now + timedelta(seconds=LEASE_S)
            self.owner[lease.run_id] = (worker, lease.lease_token, until)
            self.claims[lease.run_id] += 1
        for held in map(Held, leases):
            self.hands[worker].append(held)
            if self.dice.random() < 0.5:
                await self.read(held)
        left = free.keys() - {lease.run_id for lease in leases}
        for lease in leases:
            tenant, priority = free[lease.run_id]
            better = [free[run] for run in left if free[run][0] == tenant]
            assert all(other <= priority for _, other in better), "a more urgent one was left"

    async def read(self, held: Held) -> None:
        """A worker reads what it has just claimed; its start is recorded later, or with its end."""
        async with tenant_transaction(self.app, held.lease.tenant_id) as tx:
            [task] = await claim.read(tx, [held.lease])
        await self.work_on(held, task)

    async def start(self) -> None:
        """A worker begins what it has claimed, if it is still its own."""
        if held := self.pick(begun=False):
            async with tenant_transaction(self.app, held.lease.tenant_id) as tx:
                tasks = await claim.begin(tx, [held.lease])
            assert bool(tasks) == self.owns(held.lease)
            if tasks:
                await self.work_on(held, tasks[0])
            else:
                self.drop(held)

    async def work_on(self, held: Held, task: TaskRow) -> None:
        held.task = task
        assert task.attempt == self.claims[held.lease.run_id]
        if task.refusal is not None:
            await self.give_up(held, task.refusal)

    async def tell(self) -> None:
        """A worker records the start of what it works on, once, and only if it is its own."""
        if held := self.pick(begun=True):
            async with tenant_transaction(self.app, held.lease.tenant_id) as tx:
                began = await claim.begin(tx, [held.lease])
                again = await claim.begin(tx, [held.lease])
            assert self.owns(held.lease) or not began
            assert not again

    async def succeed(self) -> None:
        """A worker says that it is done, perhaps too late."""
        if held := self.pick(begun=True):
            assert held.task
            async with tenant_transaction(self.app, held.lease.tenant_id) as tx:
                accepted = await finish(tx, KINDS, [Success(held.task, {"by": "sim"})])
            assert bool(accepted) == self.owns(held.lease)
            if accepted:
                self.end(held.lease.run_id, "succeeded")
            else:
                self.late += 1
            self.drop(held)

    async def fail(self) -> None:
        """A worker says that it could not, perhaps too late."""
        if held := self.pick(begun=True):
            retryable = self.dice.random() < 0.7
            await self.give_up(held, TaskFailed("X", "x", retryable=retryable))

    async def give_up(self, held: Held, error: TaskFailed) -> None:
        lease = held.lease
        assert held.task
        async with tenant_transaction(self.app, lease.tenant_id) as tx:
            begun = await tx.value(
                claim.sql.fence,
                run_id=lease.run_id,
                task_id=lease.task_id,
                lease_token=lease.lease_token,
            )
            assert (begun is not None) == self.owns(lease)
            if begun is False:
                await claim.begin(tx, [lease])
            if begun is not None:
                await fail_task(tx, KINDS, held.task, error)
        if begun is not None:
            del self.owner[lease.run_id]
            await self.learn(lease.run_id)
        self.drop(held)

    async def beat(self) -> None:
        """A worker extends what it thinks it holds."""
        worker = self.dice.choice(list(self.hands))
        leases = [held.lease for held in self.hands[worker]]
        async with system_transaction(self.app) as tx:
            await tx.run(
                claim.sql.extend_leases,
                worker_id=worker,
                tenant_ids=[lease.tenant_id for lease in leases],
                run_ids=[lease.run_id for lease in leases],
                task_ids=[lease.task_id for lease in leases],
                lease_seconds=LEASE_S,
            )
        until = self.now + timedelta(seconds=LEASE_S)
        for lease in leases:
            if self.owner.get(lease.run_id, ("",))[0] == worker:
                self.owner[lease.run_id] = (worker, self.owner[lease.run_id][1], until)

    async def free(self) -> None:
        """What is due or lost is free again."""
        await claim.free(self.app, FOR_EVER)
        lost = [run for run, (_, _, until) in self.owner.items() if until < self.now]
        self.lost.update(lost)
        for run in lost:
            del self.owner[run]
        assert await self.wire.look(AT_WORK) == [], "nobody is at it, and it seems to run"

    async def overdue(self) -> None:
        """What has waited or worked for too long fails."""
        await expire(self.app, KINDS, FOR_EVER)
        held = {run for (run,) in await self.wire.look(HELD)}
        for run in list(self.owner):
            if run not in held:
                del self.owner[run]
        for run in self.tenant.keys() - self.ended.keys():
            await self.learn(run)

    async def cancel(self) -> None:
        """A customer ends a job; whoever works on it can record nothing more."""
        if not self.tenant:
            return
        run = self.dice.choice(sorted(self.tenant))
        async with tenant_transaction(self.app, self.tenant[run]) as tx:
            ended = await end_run(tx, KINDS, run, Outcome.cancelled, None)
        assert ended == (run not in self.ended)
        if ended:
            self.end(run, "cancelled")

    async def hand_back(self) -> None:
        """A worker stops in order: what it holds was no attempt."""
        worker = self.dice.choice(list(self.hands))
        await claim.hand_back(self.app, worker, [], begun=True)
        for run, (owner, _, _) in list(self.owner.items()):
            if owner == worker:
                del self.owner[run]
                self.claims[run] -= 1
        assert await self.wire.look(AT_WORK) == [], "nobody is at it, and it seems to run"
        if self.dice.random() < 0.5:  # or it was taken for dead and goes on
            self.hands[worker].clear()

    async def crash(self) -> None:
        """A worker is gone, and another takes its name's place."""
        worker = self.dice.choice(list(self.hands))
        self.hands[worker].clear()
        self.heads[worker] = Heads()

    async def pass_time(self) -> None:
        """The clock goes on, now and then far."""
        await self.set_clock(self.now + timedelta(seconds=self.dice.choice([0.3, 2, 6, 11, 40])))

    async def pause(self) -> None:
        """A queue stands still, or goes on."""
        paused = self.dice.choice(["NULL", "now()"])
        await self.wire.look(
            f"UPDATE queue SET paused_at = {paused} WHERE name = 'other' RETURNING 1"
        )

    # What is known

    def owns(self, lease: Lease) -> bool:
        """Whether this lease is the one that counts."""
        owner = self.owner.get(lease.run_id)
        return owner is not None and owner[1] == lease.lease_token

    def pick(self, *, begun: bool) -> Held | None:
        """Something in somebody's hands."""
        found = [h for hand in self.hands.values() for h in hand if (h.task is not None) == begun]
        return self.dice.choice(found) if found else None

    def drop(self, held: Held) -> None:
        for hand in self.hands.values():
            if held in hand:
                hand.remove(held)

    def end(self, run: str, status: str) -> None:
        assert run not in self.ended, "it had ended before"
        self.ended[run] = status
        self.owner.pop(run, None)

    async def learn(self, run: str) -> None:
        """See whether a job has ended by itself."""
        [(status, over)] = await self.wire.look(
            "SELECT status, completed_at IS NOT NULL FROM run WHERE id = %s", run
        )
        if over:
            self.end(run, status)

    async def set_clock(self, now: datetime) -> None:
        self.now = now
        await self.wire.look("SELECT set_config('sim.now', %s, true)", now.isoformat())

    # The end

    async def settle(self) -> None:
        """All workers are well, and work until nothing is left."""
        await self.wire.look("UPDATE queue SET paused_at = NULL RETURNING 1")
        for _ in range(200):
            if self.tenant.keys() <= self.ended.keys():
                return
            await self.set_clock(self.now + timedelta(seconds=20))
            for step in (self.overdue, self.free, self.take, self.take):
                await step()
            while self.pick(begun=False):
                await self.start()
            while self.pick(begun=True):
                await self.succeed()
        raise AssertionError("something never ends")

    async def reckon(self) -> None:
        """Every job has one end, in a log without gaps, and nothing is left over."""
        assert await self.wire.look("SELECT 1 FROM ready") == []
        assert await self.wire.look("SELECT 1 FROM dedupe") == []
        statuses = dict(await self.wire.look("SELECT id, status FROM run"))
        assert statuses == self.ended
        assert dict(await self.wire.look("SELECT run_id, status FROM task")) == statuses
        logs: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for run, seq, kind in await self.wire.look("SELECT run_id, seq, type FROM event"):
            logs[run].append((seq, kind))
        for run, log in logs.items():
            types = [kind for _, kind in sorted(log)]
            assert sorted(seq for seq, _ in log) == list(range(1, len(log) + 1)), run
            assert types.count("run.completed") == 1 and types[-1] == "run.completed", (run, types)
            assert ("task.started" in types) >= (self.ended[run] == "succeeded"), (run, types)
            assert types.count("task.lost") == self.lost[run], (run, types)
            for one, following in pairwise(types):
                assert not one == following == "task.started", (run, types)
        told = await self.wire.look(TOLD)
        assert told == [], "a success whose last start is not that of its attempt"


TOLD = """
    SELECT task.run_id, attempt, last FROM task LEFT JOIN (
        SELECT DISTINCT ON (run_id) run_id, (payload ->> 'attempt')::integer AS last
        FROM event WHERE type = 'task.started' ORDER BY run_id, seq DESC
    ) AS told ON told.run_id = task.run_id
    WHERE status = 'succeeded' AND last IS DISTINCT FROM attempt
"""
AT_WORK = """
    SELECT run.id FROM ready JOIN run ON run.id = ready.run_id JOIN task ON task.run_id = run.id
    WHERE lease_until IS NULL AND 'running' IN (run.status, task.status)
"""
HELD = "SELECT run_id FROM ready WHERE lease_until IS NOT NULL"


async def simulate(url: str, seeds: range, steps: int) -> int:
    """Play these seeds; how many late words were refused.

    Raises: AssertionError, naming the seed.
    """
    connection = await psycopg.AsyncConnection.connect(
        url, options=OPTIONS, autocommit=True, prepare_threshold=0
    )
    register(connection)
    late = 0
    async with connection:
        wire = Wire(connection)
        for seed in seeds:
            try:
                async with undone(connection):
                    late += await play(wire, seed, steps)
            except Exception as error:
                error.add_note(f"seed {seed}")
                raise
            finally:
                lanes.time = time  # type: ignore[attr-defined]
    return late


@asynccontextmanager
async def undone(connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[None]:
    """A transaction that is rolled back; psycopg must not know, or it forgets what is prepared."""
    await connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.pgconn.exec_(b"ROLLBACK")


async def play(wire: Wire, seed: int, steps: int) -> int:
    """Play one seed."""
    wire.begin()
    lanes.time = clock = SimpleNamespace(monotonic=lambda: 0.0)  # type: ignore[attr-defined]
    world = World(wire, seed)
    clock.monotonic = lambda: (world.now - BEGINNING).total_seconds()
    await world.set_clock(BEGINNING)
    for tenant in TENANTS:
        await wire.look("INSERT INTO tenant (id, name) VALUES (%s, %s) RETURNING 1", tenant, tenant)
    await world.play(steps)
    return world.late
