"""Leases: who may work on a task, and the fence in front of every write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from db.pool import Transaction
from db.queries import load
from generated.models import TaskDefinition
from services.context import App, Context, system_transaction

sql = load("engine")


class LeaseLost(Exception):
    """Another worker holds the task now, or nobody: stop, and write nothing."""


class Lease(msgspec.Struct, frozen=True):
    """The right to work on a task until it expires; the token grows with every claim."""

    tenant_id: str
    task_id: str
    run_id: str
    attempt: int
    lease_token: int
    kind: str = ""
    request_id: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None


class TaskRow(msgspec.Struct, frozen=True):
    """A task as its function sees it."""

    id: str
    run_id: str
    kind: str
    slug: str
    sequence: int
    definition: TaskDefinition
    branch_name: str | None
    attempt: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class TaskContext(Context):
    """The context of a running task: each of its transactions is fenced by the lease."""

    lease: Lease

    @asynccontextmanager
    async def transaction(self, *, at_once: bool = False) -> AsyncIterator[Transaction]:
        """A transaction in the task's tenant that holds the run's and the lease's locks.

        Raises: LeaseLost if the task is not this worker's any more.
        """
        async with Context.transaction(self, at_once=at_once) as tx:
            token = await tx.value(
                sql.fence,
                run_id=self.lease.run_id,
                task_id=self.lease.task_id,
                lease_token=self.lease.lease_token,
            )
            if token is None:
                raise LeaseLost(self.lease.task_id)
            yield tx


async def claim(app: App, worker_id: str, slots: int, lease_seconds: float) -> list[Lease]:
    """Lease up to `slots` tasks that are free or whose worker was lost."""
    async with system_transaction(app) as tx:
        return await tx.all(
            sql.claim_tasks,
            Lease,
            worker_id=worker_id,
            slots=slots,
            lease_seconds=lease_seconds,
        )


async def hand_back(app: App, worker_id: str) -> None:
    """Give back every lease of a worker that stops, and sign it off."""
    async with system_transaction(app) as tx:
        await tx.run(sql.hand_back_leases, worker_id=worker_id)
        await tx.run(sql.forget_worker, worker_id=worker_id)
        tx.hint("ready", "all")


async def give_back(tx: Transaction, lease: Lease) -> None:
    """Give back one lease, and with it the attempt."""
    await tx.run(sql.give_back_lease, task_id=lease.task_id, lease_token=lease.lease_token)
