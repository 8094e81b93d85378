"""Limits: parked tasks are given the places of their keys, and who waits for a place is woken.

The limits of queues are held by the claim itself (`grant_lanes` in db/schema.sql).
"""

from collections.abc import Iterable

import msgspec
import structlog

from db.listen import wait
from db.pool import Transaction
from db.queries import load
from services.context import App, system_transaction
from services.engine.claim import ready
from services.errors import Unavailable

sql = load("limits")
log = structlog.get_logger()

POLL_S = 1.0
MOST_NOTES = 5000
TOPIC, KEY = "limit", "notes"


class Noted(msgspec.Struct, frozen=True):
    """A key that this transaction holds, and how often it was noted."""

    tenant_id: str
    concurrency_key: str
    notes: int
    held: str


class Admitted(msgspec.Struct, frozen=True):
    """Tasks of a kind that have places now."""

    tenant_id: str
    kind: str


class WaitingKind(msgspec.Struct, frozen=True):
    """What else is in a limited queue."""

    kind: str


def noted(tx: Transaction) -> None:
    """Have the keys looked at that this transaction brings, ends or delays tasks of."""
    tx.hint(TOPIC, KEY)


async def freed(tx: Transaction, run_ids: Iterable[str], task_ids: Iterable[str] = ()) -> None:
    """Wake who waits for the places that these runs had, of a key or in a limited queue.

    Tasks of graphs are in queues of their own: of these runs, those in `task_ids` had a place.
    """
    noted(tx)
    ids = {"run_ids": list(run_ids), "task_ids": list(task_ids)}
    for waiting in await tx.all(sql.list_waiting_kinds, WaitingKind, **ids):
        ready(tx, tx.tenant, waiting.kind)


async def keep(app: App) -> None:
    """Give out places as soon as there are any, until this is cancelled.

    A note is written with what it tells of, so that a lost hint costs POLL_S and no place.
    """
    with app.hints.subscribe(TOPIC, KEY) as hint:
        while True:
            try:
                more = await admit(app)
            except Unavailable:
                more = False
            except Exception as error:
                log.error("limits.admit_failed", exc_info=error)
                more = False
            if not more:
                await wait(hint, POLL_S)


async def admit(app: App) -> bool:
    """Look at the keys that were noted and give their places out; whether there are more notes."""
    async with system_transaction(app) as tx:
        keys = await tx.all(sql.take_notes, Noted, most=MOST_NOTES)
        if not keys:
            return False
        admitted = await tx.all(
            sql.admit_tasks,
            Admitted,
            tenant_ids=[key.tenant_id for key in keys],
            keys=[key.concurrency_key for key in keys],
        )
        for one in admitted:
            ready(tx, one.tenant_id, one.kind)
    return sum(key.notes for key in keys) == MOST_NOTES
