"""Leases: who may work on a task, and the fence in front of every write."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import msgspec
import structlog

from db.pool import Transaction, id_array, records
from db.queries import load
from services.context import App, Context, new_id, system_transaction, tenant_transaction
from services.engine.lanes import Heads
from services.engine.references import Budget, Reference, resolve
from services.engine.retry import TaskFailed, TaskOptions, refusal
from services.errors import Unavailable

log = structlog.get_logger()
sql = load("engine")
solo_sql = load("solo")

GIVEN_BACK_S = 1.0
"""So long waits what is given back because the database was away."""
MOST_FREED = 1000
"""So many tasks that are due, and so many that are lost, are freed at one look."""


class LeaseLost(Exception):
    """Another worker holds the task now, or nobody: stop, and write nothing."""


class Held(msgspec.Struct, frozen=True):
    """A lease as the database knows it."""

    tenant_id: str
    run_id: str
    task_id: str
    lease_token: int


class Lease(msgspec.Struct, frozen=True):
    """The right to work on a task until it expires; the token grows with every claim."""

    tenant_id: str
    run_id: str
    task_id: str
    attempt: int
    lease_token: int
    lane: int = 0
    n: int = 0
    solo: bool = False
    interrupted: bool = False
    kind: str = ""
    since: float = msgspec.field(default_factory=monotonic)
    """When the slot was given to the run, by the clock of this process."""

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from an earlier lease of the task."""
        return self.task_id, self.lease_token


AnyHeld = TypeVar("AnyHeld", Held, Lease)


class Claimed(Lease, frozen=True):
    """A lease; or without a token, a kind of tasks that limits forbid, and when to ask again."""

    again_s: float = 0.0


class TaskRow(msgspec.Struct, frozen=True):
    """A task as its function sees it; the definition is JSON that only the function understands."""

    id: str
    run_id: str
    kind: str
    slug: str
    sequence: int
    definition: msgspec.Raw
    branch_name: str | None
    attempt: int
    max_attempts: int
    lease_token: int
    interrupted: bool
    options: TaskOptions
    solo: bool
    request_id: str | None
    traceparent: str | None
    tracestate: str | None

    @property
    def refusal(self) -> TaskFailed | None:
        """Why it must not be worked on although it was begun, if so."""
        return refusal(self.attempt, self.max_attempts, self.interrupted, self.options)


class Begun(TaskRow, frozen=True):
    """A task that was just begun, and what its definition refers to."""

    refs: list[Reference] | None
    results: list[list[Any]] | None
    unresolved: TaskFailed | None = None
    """Why what its definition refers to could not be put into it."""

    @property
    def refusal(self) -> TaskFailed | None:
        """Why it must not be worked on although it was begun, if so."""
        return self.unresolved or super().refusal

    def resolved(self) -> "Begun":
        """The task with what its definition refers to in the place of the references."""
        if self.refs is None:
            return self
        given = msgspec.json.decode(self.definition)
        try:
            whole = resolve(given, self.refs, self.results)
            definition = Budget().spend(msgspec.Raw(msgspec.json.encode(whole)))
        except TaskFailed as error:
            return msgspec.structs.replace(self, unresolved=error)
        return msgspec.structs.replace(self, refs=None, results=None, definition=definition)


class Solo(msgspec.Struct, frozen=True):
    """What a worker does not know yet of a solo run that it has claimed."""

    run_id: str
    definition: msgspec.Raw
    slug: str
    max_attempts: int
    options: TaskOptions
    request_id: str | None
    traceparent: str | None
    tracestate: str | None

    def task(self, lease: Lease) -> TaskRow:
        """Its task."""
        return TaskRow(
            id=lease.task_id,
            run_id=self.run_id,
            kind=lease.kind,
            slug=self.slug,
            sequence=0,
            definition=self.definition,
            branch_name=None,
            attempt=lease.attempt,
            max_attempts=self.max_attempts,
            lease_token=lease.lease_token,
            interrupted=lease.interrupted,
            options=self.options,
            solo=True,
            request_id=self.request_id,
            traceparent=self.traceparent,
            tracestate=self.tracestate,
        )


class Due(msgspec.Struct, frozen=True):
    """So many tasks of a kind whose time has come, and that are free now."""

    tenant_id: str
    kind: str
    tasks: int


class Freeing(msgspec.Struct, frozen=True):
    """What came of a look: so many leases were lost; whether it saw only a part of all."""

    lost: int
    more: bool


class Freed(msgspec.Struct, frozen=True):
    """A task whose lease has ended, and that is free again or about to fail."""

    run_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class TaskContext(Context):
    """The context of a running task: each of its transactions is fenced by the lease."""

    lease: Lease

    @asynccontextmanager
    async def transaction(self, *, at_once: bool = False) -> AsyncIterator[Transaction]:
        """A transaction in the task's tenant that holds the run's and the lease's locks.

        What is written in it comes after the start of the attempt.
        Raises: LeaseLost if the task is not this worker's any more.
        """
        async with Context.transaction(self, at_once=at_once) as tx:
            begun = await tx.value(
                sql.fence,
                run_id=self.lease.run_id,
                task_id=self.lease.task_id,
                lease_token=self.lease.lease_token,
            )
            if begun is None:
                raise LeaseLost(self.lease.task_id)
            if not begun:
                await begin(tx, [self.lease])
            yield tx


async def claim(
    tx: Transaction,
    heads: Heads,
    *,
    worker_id: str,
    kinds: list[str],
    slots: int,
    lease_seconds: float,
    queues: list[str] | None = None,
    open_slots: int | None = None,
    holders: Collection[str] = (),
) -> list[Lease]:
    """Lease up to `slots` free tasks of these kinds, of all tenants that `tx` can see.

    Beyond `open_slots` only the first tasks of tenants are leased that are none of the `holders`.
    Where limits forbid what is free, those who wait in this process are woken when it is time.
    """
    for_newcomers = open_slots == 0
    claimed = await tx.all(
        sql.claim_tasks,
        Claimed,
        worker_id=worker_id,
        kinds=kinds,
        queues=queues,
        slots=slots,
        lease_seconds=lease_seconds,
        heads=heads.heads(for_newcomers=for_newcomers),
        open=slots if open_slots is None else open_slots,
        holders=id_array(holders),
        left_out=id_array(holders if for_newcomers else ()),
    )
    for one in claimed:
        if one.lease_token:
            heads.taken(one.lane, one.n)
        else:
            tx.remind("ready", one.kind, one.again_s)
            tx.remind("ready", f"{one.tenant_id}/{one.kind}", one.again_s)
    return [one for one in claimed if one.lease_token]


async def read(tx: Transaction, leases: list[Lease]) -> list[TaskRow]:
    """The tasks of solo runs of the transaction's tenant that were claimed in it.

    The start of each is written with what is written next about it; should that not be soon, by
    `begin`.
    """
    runs = {lease.run_id: lease for lease in leases}
    ids = [{"run_id": one.run_id, "task_id": one.task_id} for one in leases]
    found = await tx.all(solo_sql.read_solo, Solo, leases=records(ids))
    return [run.task(runs[run.run_id]) for run in found]


async def begin(tx: Transaction, leases: list[Lease]) -> Sequence[TaskRow]:
    """Record the start of tasks of the transaction's tenant, as far as it is not yet.

    Returns those that began now; those whose lease is lost are left out.
    """
    tasks: list[Begun] = []
    if solo := [row(lease) for lease in leases if lease.solo]:
        run_ids = id_array(lease["run_id"] for lease in solo)
        tasks += await tx.all(solo_sql.begin_solo, Begun, run_ids=run_ids, leases=records(solo))
    if others := by_run(row(lease) for lease in leases if not lease.solo):
        tasks += await tx.all(sql.begin_tasks, Begun, leases=others)
    for task in tasks:
        tx.hint("event", task.run_id)
    return [task.resolved() for task in tasks]


def row(lease: Held | Lease) -> dict[str, Any]:
    """A lease as the statements take it."""
    return {
        "run_id": lease.run_id,
        "task_id": lease.task_id,
        "lease_token": lease.lease_token,
        "event_id": new_id("evt"),
    }


def by_run(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of graphs' tasks as the statements take them: by run, then by task."""
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for one in rows:
        found[one["run_id"]][one["task_id"]] = one
    return found


async def free(app: App, since_s: float) -> Freeing:
    """Free what has become due or was lost within the last seconds, as much as one look sees.

    What is lost but somebody is just ending is left: that alone is no reason to look again at once.
    """
    given = {"since": since_s, "most": MOST_FREED}
    async with system_transaction(app) as tx:
        due = await tx.all(sql.free_tasks, Due, **given)
        for one in due:
            ready(tx, one.tenant_id, one.kind)
        expired = await tx.all(sql.list_lost, Held, **given)
    lost = 0
    for tenant_id, own in by_tenant(expired).items():
        lost += await lose(app, tenant_id, own)
    if lost:
        async with system_transaction(app) as tx:
            await tx.run(sql.note_losses, leases=lost)
    full = sum(one.tasks for one in due) == MOST_FREED
    return Freeing(lost, full or (lost > 0 and len(expired) == MOST_FREED))


async def lose(app: App, tenant_id: str, leases: list[Held]) -> int:
    """Free tasks of a tenant that were lost; how many. One that cannot be is left.

    Raises: Unavailable.
    """
    try:
        async with tenant_transaction(app, tenant_id) as tx:
            rows = records([row(one) for one in leases])
            freed = await tx.all(sql.lose_tasks, Freed, leases=rows)
            told(tx, freed)
        return len(freed)
    except Unavailable:
        raise
    except Exception as error:
        if len(leases) == 1:
            log.error("claim.not_freed", task_id=leases[0].task_id, exc_info=error)
            return 0
        half = len(leases) // 2
        return sum([await lose(app, tenant_id, own) for own in (leases[:half], leases[half:])])


def told(tx: Transaction, freed: list[Freed]) -> None:
    """Wake who waits for these tasks, or for what happens to their runs."""
    for kind in {one.kind for one in freed}:
        ready(tx, tx.tenant, kind)
    for run_id in {one.run_id for one in freed}:
        tx.hint("event", run_id)


def ready(tx: Transaction, tenant_id: str, kind: str) -> None:
    """Wake who waits for tasks of a kind: of all tenants, or of this one."""
    tx.hint("ready", kind)
    tx.hint("ready", f"{tenant_id}/{kind}")


async def hand_back(app: App, worker_id: str, working: list[str], *, begun: bool) -> None:
    """Give back every lease of a worker but those of the tasks that it is working on.

    `begun` says whether it had worked on those that it gives back.
    """
    async with system_transaction(app) as tx:
        held = await tx.all(sql.list_held, Held, worker_id=worker_id, working=working)
    for tenant_id, own in by_tenant(held).items():
        async with tenant_transaction(app, tenant_id) as tx:
            await release(tx, own, interrupted=begun)


async def sign_off(app: App, worker_id: str) -> None:
    """Give back every lease of a worker that stops, and forget it."""
    await hand_back(app, worker_id, [], begun=True)
    async with system_transaction(app) as tx:
        await tx.run(sql.forget_worker, worker_id=worker_id)


async def give_back(tx: Transaction, leases: list[Lease]) -> None:
    """Give back leases of tasks that want of the database has kept from being done; they wait."""
    await release(tx, leases, pause_s=GIVEN_BACK_S)


async def release(
    tx: Transaction,
    leases: Sequence[Held | Lease],
    *,
    interrupted: bool = False,
    pause_s: float = 0.0,
) -> None:
    """Give back leases of the transaction's tenant, and with them the attempts."""
    given = {"interrupted": interrupted, "pause_s": pause_s}
    rows = records([row(lease) for lease in leases])
    told(tx, await tx.all(sql.release_tasks, Freed, leases=rows, **given))


def by_tenant(leases: Iterable[AnyHeld]) -> dict[str, list[AnyHeld]]:
    """The leases of each tenant."""
    groups: defaultdict[str, list[AnyHeld]] = defaultdict(list)
    for lease in leases:
        groups[lease.tenant_id].append(lease)
    return groups
