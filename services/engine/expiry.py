"""Tasks that have waited or worked for too long."""

import msgspec
import structlog

from db.pool import Transaction
from db.queries import load
from services.context import App, system_transaction, tenant_transaction
from services.engine.claim import Lease, TaskRow, begin
from services.engine.complete import fail_task
from services.engine.kind import Kinds
from services.engine.retry import TaskFailed

sql = load("engine")
log = structlog.get_logger()

MESSAGES = {
    "DEADLINE_EXCEEDED": "It had not ended by its deadline.",
    "QUEUE_TIMEOUT": "It had to wait too long for its first attempt.",
    "TIMEOUT": "The attempt took longer than it may.",
}


class Expired(msgspec.Struct, frozen=True):
    """A task whose time is over, perhaps."""

    tenant_id: str
    run_id: str
    task_id: str


class ExpiredTask(TaskRow, frozen=True):
    """A task whose time is over, why, and whether the start of its attempt was recorded."""

    reason: str
    begun: bool


async def expire(app: App, kinds: Kinds, since_s: float) -> None:
    """Fail what has waited or worked for too long since so many seconds; row by row."""
    async with system_transaction(app) as tx:
        expired = await tx.all(sql.list_expired, Expired, since=since_s)
    for one in expired:
        async with tenant_transaction(app, one.tenant_id) as tx:
            task = await hold(tx, one)
            if task is not None:
                await fail_task(tx, kinds, task, overdue(task.reason))


async def hold(tx: Transaction, one: Expired) -> ExpiredTask | None:
    """The task, locked, after the start of its attempt; None if its time is not over any more."""
    ids = {"run_id": one.run_id, "task_id": one.task_id}
    task = await tx.first(sql.hold_expired, ExpiredTask, **ids)
    if task is None or task.begun:
        return task
    lease = Lease(one.tenant_id, one.run_id, one.task_id, task.attempt, task.lease_token, solo=True)
    await begin(tx, [lease])
    return await tx.first(sql.hold_expired, ExpiredTask, **ids)


def overdue(reason: str) -> TaskFailed:
    """The failure; an attempt that took too long may be followed by another."""
    return TaskFailed(reason, MESSAGES[reason], retryable=reason == "TIMEOUT")
