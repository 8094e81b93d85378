"""The feed: everything that happens in a tenant, in one order, and what became of what is no run.

Numbers of runs are given under the lock of their run, so that they are in the order of commits. A
tenant has no such lock: its events are ordered by the transaction that wrote them, and listed once
none that is older is open, so that nothing ever comes to stand before what was read.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from db.listen import wait
from db.pool import Transaction
from db.queries import load
from generated.models import EventType, TenantEvent
from services import cursors
from services.context import Context
from services.cursors import Section
from services.errors import Unavailable, invalid
from services.events import BATCH, POLL_S, stored_type

sql = load("feed")

SPAN = 10_000
"""So many events are looked at for one page of a type."""
REST_S = 0.02
"""What happens within this time is read together."""
HELD_UP_S = 0.05
"""So soon it is looked again for an event that was still held up; then after ever longer pauses."""
LONGEST_S = 0.8
TOLD_S = 5.0
"""So often a stream tells how far it is while nothing comes that fits."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where an event stands: the transaction that wrote it, and its id."""

    xid: int
    id: str

    def written(self, ctx: Context) -> str:
        """As the position of a cursor; how many transactions there were is nobody's business."""
        return f"{self.xid ^ mask(ctx, self.id):x} {self.id}"

    @classmethod
    def read(cls, ctx: Context, position: str) -> "Place":
        """The place that `written` wrote."""
        number, _, event_id = position.partition(" ")
        return cls(int(number, 16) ^ mask(ctx, event_id), event_id)


def mask(ctx: Context, event_id: str) -> int:
    """64 bits that only this installation knows, others for each event."""
    return int.from_bytes(
        hmac.digest(cursors.secret(ctx.settings), event_id.encode(), "sha256")[:8]
    )


FIRST = Place(0, "")
END = Place(2**63 - 1, "")


class FeedRow(msgspec.Struct, frozen=True):
    """An event as it is stored."""

    xid: int
    id: str
    project_id: str | None
    run_id: str | None
    seq: int | None
    task_id: str | None
    event_type: EventType
    payload: dict[str, Any]
    created_at: datetime
    request_id: str | UnsetType = UNSET
    trace_id: str | UnsetType = UNSET

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.xid, self.id)


class Now(msgspec.Struct, frozen=True):
    """How far the feed is.

    `xid` and `id` are the newest event that is listed, and `held_up` says that there are more; no
    transaction has `next_xid` yet. Places are of one `generation` of the database.
    """

    xid: int
    id: str
    next_xid: int
    generation: str
    held_up: bool
    key_ended: bool

    @property
    def place(self) -> Place:
        """That of an event: a number that left nothing may be given again after a crash."""
        return Place(self.xid, self.id)

    @property
    def of(self) -> dict[str, str]:
        """What the cursors of the feed are of."""
        return {"list": "feed", "generation": self.generation}


class Stretch(NamedTuple):
    """Events of a feed, and where to go on; None if these are the last so far."""

    rows: list[FeedRow]
    following: Place | None


class Stream(NamedTuple):
    """Where a stream begins, and what comes: events, and cursors to go on from without any."""

    cursor: str
    batches: AsyncIterator[list[TenantEvent | str]]


async def list_feed(
    ctx: Context, type_: EventType | None, cursor: str | None, limit: int
) -> Section[TenantEvent]:
    """Events of the tenant behind a cursor. A page of a type may be short although there are more.

    Raises: ValidationFailed for what is no cursor of the feed.
    """
    async with ctx.transaction() as tx:
        state = await now(ctx, tx)
        after = place_of(ctx, cursor, "/cursor", state) or FIRST
        rows, following = await stretch(tx, after, type_, limit)
    position = following.written(ctx) if following else None
    items = [shown(ctx, row, row.place, state) for row in rows]
    return cursors.section(ctx, items, limit, state.of, position)


async def stretch(tx: Transaction, after: Place, type_: EventType | None, limit: int) -> Stretch:
    """At most `limit` events behind a place; those of a type are searched in a part of the feed."""
    reach = await reach_of(tx, after) if type_ else None
    to = reach or END
    rows = await tx.all(
        sql.list_feed,
        FeedRow,
        xid=after.xid,
        id=after.id,
        to_xid=to.xid,
        to_id=to.id,
        type=stored_type(type_) if type_ else None,
        limit=limit + 1,
    )
    return Stretch(rows[:limit], rows[limit - 1].place if rows[limit:] else reach)


async def reach_of(tx: Transaction, after: Place) -> Place | None:
    """How far one look for a type goes; None if that is to the end."""
    return await tx.first(sql.reach, Place, span=SPAN, xid=after.xid, id=after.id)


async def list_about(
    ctx: Context, noun: str, name: str, cursor: str | None, limit: int
) -> Section[TenantEvent]:
    """Events of one queue or schedule, newest first; of gone ones too.

    They are here at once; in the feed, their places may still be held up.

    Raises: ValidationFailed for a cursor of another list.
    """
    about = f"{noun}:{name}"
    of = {"list": "events", "about": about}
    position = cursors.unsealed(ctx, of, cursor)
    before = Place.read(ctx, position) if position else END
    asked = {"about": about, "xid": before.xid, "id": before.id, "limit": limit + 1}
    async with ctx.transaction() as tx:
        state = await now(ctx, tx)
        rows = await tx.all(sql.list_about, FeedRow, **asked)
    items = [shown(ctx, row, min(row.place, state.place), state) for row in rows[:limit]]
    following = rows[limit - 1].place.written(ctx) if rows[limit:] else None
    return cursors.section(ctx, items, limit, of, following)


async def stream_feed(ctx: Context, type_: EventType | None, last_event_id: str | None) -> Stream:
    """Events as they happen, from a cursor or from now on.

    Raises: ValidationFailed for what is no cursor of the feed.
    """
    async with ctx.transaction() as tx:
        state = await now(ctx, tx)
    begin = place_of(ctx, last_event_id, "/Last-Event-ID", state) or state.place
    return Stream(sealed(ctx, begin, state), follow(ctx, begin, type_))


async def follow(
    ctx: Context, after: Place, type_: EventType | None
) -> AsyncIterator[list[TenantEvent | str]]:
    """Read behind the place, wait for a hint or the poll floor, read again.

    A process that is ending ends its streams, and so does a key that ended, or a database that is
    behind the place. An outage of the database only delays them.
    """
    pause, told = POLL_S, monotonic()
    with ctx.app.hints.subscribe("feed", ctx.actor.tenant_id) as hint:
        while not ctx.app.draining.is_set():
            more: Place | None = None
            batch: list[TenantEvent | str] = []
            with contextlib.suppress(Unavailable):
                async with ctx.transaction() as tx:
                    state = await now(ctx, tx)
                    rows, more = await stretch(tx, after, type_, BATCH)
                if state.key_ended or after.xid > state.next_xid:
                    return
                before, after = after, more or max(rows[-1].place if rows else after, state.place)
                batch += [shown(ctx, row, row.place, state) for row in rows]
                if not rows and after > before and monotonic() - told > TOLD_S:
                    batch.append(sealed(ctx, after, state))
                if batch:
                    told = monotonic()
                pause = next_pause(pause, state.held_up, bool(rows))
            yield batch
            if not more:
                await wait(hint, pause)
            if not (more and batch):
                await asyncio.sleep(rest_s(ctx))


def rest_s(ctx: Context) -> float:
    """What happens within so long is read together; longer with many streams in this process."""
    return min(REST_S * ctx.app.hints.waiting("feed"), POLL_S)


def next_pause(pause: float, held_up: bool, moved: bool) -> float:
    """Seconds until the next look without a hint: short at first while something is held up."""
    if not held_up:
        return POLL_S
    return HELD_UP_S if moved or pause == POLL_S else min(pause * 2, LONGEST_S)


async def now(ctx: Context, tx: Transaction) -> Now:
    """How far the feed is."""
    return await tx.one(sql.get_now, Now, key_id=ctx.actor.subject)


def sealed(ctx: Context, place: Place, state: Now) -> str:
    """The cursor of a place."""
    return cursors.sealed(ctx, state.of, place.written(ctx))


def place_of(ctx: Context, cursor: str | None, field: str, state: Now) -> Place | None:
    """The place of a cursor; None without one.

    Raises: ValidationFailed unless it is the tenant's, of the feed, and of this database.
    """
    position = cursors.unsealed(ctx, state.of, cursor, field)
    if position is None:
        return None
    place = Place.read(ctx, position)
    if place.xid > state.next_xid:
        raise invalid(field, "is of a database that was replaced by an older one; begin without it")
    return place


def shown(ctx: Context, row: FeedRow, place: Place, state: Now) -> TenantEvent:
    """The event as callers see it, with the place to go on from."""
    told = msgspec.structs.asdict(row)
    del told["xid"]
    return TenantEvent(cursor=sealed(ctx, place, state), **told)
