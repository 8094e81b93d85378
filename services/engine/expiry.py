"""Tasks that have waited or worked for too long, or whose worker was lost in the last attempt."""

import msgspec
import structlog

from db.pool import Transaction
from db.queries import load
from services.context import App, system_transaction, tenant_transaction
from services.engine.claim import Lease, TaskRow, begin
from services.engine.complete import fail_task
from services.engine.kind import Kinds
from services.engine.retry import TaskFailed, refusal
from services.errors import Unavailable

sql = load("engine")
log = structlog.get_logger()

MOST = 100
"""So many tasks are failed at one look; what is due is freed between two."""
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

    @property
    def failure(self) -> TaskFailed:
        """Its failure; an attempt that took too long may be followed by another."""
        if self.reason == "WORKER_LOST":
            lost = refusal(self.attempt + 1, self.max_attempts, self.interrupted, self.options)
            assert lost is not None  # it expires only if there is no further attempt
            return lost
        return TaskFailed(self.reason, MESSAGES[self.reason], retryable=self.reason == "TIMEOUT")


async def expire(app: App, kinds: Kinds, since_s: float) -> bool:
    """Fail what has waited or worked for too long since so many seconds; row by row.

    Whether there may be more than one look sees; not if nothing of that could be failed.
    """
    async with system_transaction(app) as tx:
        expired = await tx.all(sql.list_expired, Expired, since=since_s, most=MOST)
    failed = [await fail(app, kinds, one) for one in expired]
    return any(failed) and len(failed) == MOST


async def fail(app: App, kinds: Kinds, one: Expired) -> bool:
    """Fail a task if its time is over; one that cannot be failed must not stop the others.

    Raises: Unavailable.
    """
    try:
        async with tenant_transaction(app, one.tenant_id) as tx:
            task = await hold(tx, one)
            if task is not None:
                await fail_task(tx, kinds, task, task.failure)
        return task is not None
    except Unavailable:
        raise
    except Exception as error:
        log.error("expiry.not_failed", task_id=one.task_id, exc_info=error)
        return False


async def hold(tx: Transaction, one: Expired) -> ExpiredTask | None:
    """The task, locked, after the start of its attempt; None if its time is not over any more."""
    ids = {"run_id": one.run_id, "task_id": one.task_id}
    task = await tx.first(sql.hold_expired, ExpiredTask, **ids)
    if task is None or task.begun:
        return task
    lease = Lease(one.tenant_id, one.run_id, one.task_id, task.attempt, task.lease_token, solo=True)
    await begin(tx, [lease])
    return await tx.first(sql.hold_expired, ExpiredTask, **ids)
