"""What happens in the engine right now, over all tenants, for whoever operates it.

Every figure is bounded: counts end at MOST, what is listed at ROWS, and what began and ended since
the last look is measured on the first SAMPLE events of each tenant.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from db.pool import Transaction
from db.queries import load
from services import system
from services.context import App, system_transaction
from services.errors import Unavailable

sql = load("overview")

MOST = 10_000
ROWS = 40
SAMPLE = 2_000
FAILURE_MINUTES = 15
LOOK_S = 5.0


class Wanted(msgspec.Struct, frozen=True):
    """What is looked at: a tenant by id or name, a queue; None is all."""

    tenant: str | None = None
    queue: str | None = None


class Moment(msgspec.Struct, frozen=True):
    """When a look was taken, and the first transaction that was open then."""

    at: datetime
    first_open: str


class Queue(msgspec.Struct, frozen=True):
    """A queue and what is in it; counts of MOST stand for as many or more.

    `waits` are tasks of graphs that wait for a time, a signal, an answer or a run of their own.
    """

    tenant_id: str
    tenant: str
    queue: str
    paused: bool
    concurrency: int | None
    rate_limit: int | None
    rate_period_s: int | None
    ready: int
    delayed: int
    parked: int
    waits: int
    running: int
    failed: int
    oldest_s: float | None

    @property
    def key(self) -> tuple[str, str]:
        """Its tenant and name."""
        return self.tenant_id, self.queue


class Flow(msgspec.Struct, frozen=True):
    """What began and ended in a queue within so many seconds."""

    tenant_id: str
    queue: str
    starts: int
    ends: int
    seconds: float


class Failures(msgspec.Struct, frozen=True):
    """How often jobs have failed with a code lately."""

    code: str
    failures: int
    last: datetime


class Seen(msgspec.Struct, frozen=True):
    """A worker as it was last heard of; without a tenant it is the installation's own."""

    tenant: str | None
    id: str
    place: str
    kinds: list[str] | None
    queues: list[str] | None
    slots: int
    working: int
    leases_lost: int
    up_s: float
    seen_s: float


class Overview(msgspec.Struct, frozen=True):
    """One look; `flows` is None if there was none before, `unknown` is what is wanted in vain."""

    moment: Moment
    unknown: Literal["tenant", "queue"] | None
    queues: list[Queue]
    flows: Mapping[tuple[str, str], Flow] | None
    failures: list[Failures]
    workers: list[Seen]
    depth: system.QueueDepth
    vitals: system.Vitals


async def look(app: App, wanted: Wanted, before: Overview | None = None) -> Overview:
    """Look at the engine; what began and ended is counted since the look before.

    Raises: Unavailable, also after LOOK_S.
    """
    try:
        async with asyncio.timeout(LOOK_S), system_transaction(app) as tx:
            moment = await tx.one(sql.get_moment, Moment)
            asked = msgspec.structs.asdict(wanted)
            queues = await tx.all(sql.list_queues, Queue, most=MOST, rows=ROWS, **asked)
            return Overview(
                moment,
                None if queues else await tx.value(sql.find_unknown, **asked),
                queues,
                None if before is None else await flows(tx, queues, before.moment, moment),
                await failures(tx, queues),
                await tx.all(sql.list_workers, Seen, most=MOST, rows=ROWS, **asked),
                await system.depth_in(tx, MOST),
                await system.vitals_in(tx, app),
            )
    except TimeoutError:
        raise Unavailable(f"The database did not answer within {LOOK_S:.0f} seconds.") from None


async def flows(
    tx: Transaction, queues: list[Queue], before: Moment, now: Moment
) -> Mapping[tuple[str, str], Flow]:
    """What began and ended between two moments, by tenant and queue."""
    found = await tx.all(
        sql.list_flows,
        Flow,
        tenant_ids=sorted({queue.tenant_id for queue in queues}),
        first_open=before.first_open,
        since=before.at,
        until=now.at,
        most=SAMPLE,
    )
    return {(flow.tenant_id, flow.queue): flow for flow in found}


async def failures(tx: Transaction, queues: list[Queue]) -> list[Failures]:
    """Why jobs of these queues have failed lately."""
    return await tx.all(
        sql.list_failures,
        Failures,
        tenant_ids=[queue.tenant_id for queue in queues],
        queues=[queue.queue for queue in queues],
        minutes=FAILURE_MINUTES,
        most=MOST,
    )
