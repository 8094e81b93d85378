"""The feed of a tenant: all its events in one order, and those of queues and schedules."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.pool import Transaction
from generated.models import EventType, QueuePaused, QueueUpdated, TenantEvent
from services import cursors, feed
from services.context import App, Context, tenant_transaction
from services.engine import events
from services.feed import FIRST, Place
from tests.conftest import tenant
from tests.services.jobs.conftest import KIND, Caller, Json, fields

PATIENCE_S = 20.0
OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
HOURLY = {"name": "Hourly", "cron": "@hourly", "job": {"kind": KIND}}
QUEUES = "/orchestrator/queues"
INSERT = b"""
INSERT INTO event (tenant_id, id, xid, run_id, seq, about, type, payload)
SELECT %(tenant)s, 'evt_' || to_char(n, 'FM0000000'), (10 + n / 7)::text::xid8,
       CASE WHEN n %% 10 > 0 THEN job_id_at(now() + n %% 3 * interval '7 days') END,
       CASE WHEN n %% 10 > 0 THEN n END, CASE WHEN n %% 10 = 0 THEN 'q' || n %% 1000 END,
       'queue.paused', '{"queue": "q"}'
FROM generate_series(1, 20000) AS n
"""


async def pause(ctx: Context, queue: str) -> None:
    """Let something happen in the tenant."""
    async with ctx.transaction() as tx:
        await events.record_tenant(tx, queue, QueuePaused(queue=queue))


async def cursor_of(ctx: Context, place: Place) -> str:
    """The cursor of a place."""
    async with ctx.transaction() as tx:
        return feed.sealed(ctx, place, await feed.now(ctx, tx))


async def islice_of(batches: AsyncIterator[Any], count: int) -> AsyncIterator[Any]:
    """So many of them."""
    for _ in range(count):
        yield await anext(batches)


async def paused(ctx: Context) -> str:
    """The place before something that happens now."""
    cursor = (await feed.stream_feed(ctx, None, None)).cursor
    await pause(ctx, "emails")
    return cursor


async def page(caller: Caller, path: str = "/events", **query: Any) -> Json:
    """A page of events."""
    answer = await caller.http.get(path, params=query)
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def listed(caller: Caller, count: int, **query: Any) -> list[Json]:
    """The events of the feed, once there are so many: other tests' transactions hold it up too."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found, cursor = [], None
            while cursor or not found:
                one = await page(caller, **query | ({"cursor": cursor} if cursor else {}))
                found += one["data"]
                cursor = one["pagination"]["nextCursor"]
                if cursor is None:
                    break
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


async def taken(batches: AsyncIterator[list[TenantEvent | str]], count: int) -> list[TenantEvent]:
    """So many events of a stream."""
    found: list[TenantEvent] = []
    async with asyncio.timeout(PATIENCE_S):
        async for batch in batches:
            found += [one for one in batch if isinstance(one, TenantEvent)]
            if len(found) >= count:
                break
    return found


def queues_in(found: list[TenantEvent]) -> list[str]:
    """The queues that events are about."""
    return [event.payload["queue"] for event in found]


async def test_what_was_done_to_a_queue_is_listed_newest_first(caller: Caller) -> None:
    await caller.call("PATCH", f"{QUEUES}/emails", json={"concurrency": 2})
    await caller.call("PATCH", f"{QUEUES}/other", json={"concurrency": 2})
    await caller.call("POST", f"{QUEUES}/emails/pause")
    await caller.call("POST", f"{QUEUES}/emails/resume")
    first = await page(caller, f"{QUEUES}/emails/events", limit=2)
    cursor = first["pagination"]["nextCursor"]
    second = await page(caller, f"{QUEUES}/emails/events", limit=2, cursor=cursor)
    told = [event["eventType"] for event in first["data"] + second["data"]]
    assert told == ["QUEUE_RESUMED", "QUEUE_PAUSED", "QUEUE_UPDATED"]
    assert not second["pagination"]["hasMore"]
    changed = second["data"][0]
    assert changed["payload"] == {"queue": "emails", "fields": ["concurrency"]}
    assert (changed["runId"], changed["seq"], changed["projectId"]) == (None, None, None)


async def test_a_queue_that_is_gone_keeps_its_events(caller: Caller) -> None:
    await caller.call("PATCH", f"{QUEUES}/emails", json={"concurrency": 2})
    await caller.call("DELETE", f"{QUEUES}/emails")
    found = await page(caller, f"{QUEUES}/emails/events")
    assert [event["eventType"] for event in found["data"]] == ["QUEUE_DELETED", "QUEUE_UPDATED"]
    assert (await caller.http.get(f"{QUEUES}/never/events")).status_code == 404


async def test_what_became_of_a_schedule_is_listed_newest_first(caller: Caller) -> None:
    made = await caller.call("POST", "/orchestrator/schedules", json=HOURLY)
    path = f"/orchestrator/schedules/{made['id']}"
    await caller.call("POST", f"{path}/pause")
    await caller.call("DELETE", path)
    found = await page(caller, f"{path}/events")
    told = [event["eventType"] for event in found["data"]]
    assert told == ["SCHEDULE_DELETED", "SCHEDULE_PAUSED", "SCHEDULE_CREATED"]


async def test_the_feed_has_the_events_of_runs_and_of_what_is_no_run(
    caller: Caller, stranger: Caller
) -> None:
    await caller.call("PATCH", f"{QUEUES}/emails", json={"concurrency": 2})
    job_id = await caller.create(queue="emails")
    await stranger.create()
    changed, created = await listed(caller, 2)
    assert (changed["eventType"], changed["runId"]) == ("QUEUE_UPDATED", None)
    assert (created["eventType"], created["runId"], created["seq"]) == ("RUN_CREATED", job_id, 1)
    assert created["requestId"].startswith("req_")
    behind = await page(caller, cursor=changed["cursor"])
    assert behind["data"] == [created]


async def test_an_open_transaction_holds_up_what_follows_and_nothing_is_missed(
    caller: Caller,
) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with caller.ctx.transaction() as tx:
            await events.record_tenant(tx, "slow", QueuePaused(queue="slow"))
            begun.set()
            await end.wait()

    writing = asyncio.create_task(slow())
    await begun.wait()
    await pause(caller.ctx, "quick")
    assert (await page(caller))["data"] == []
    end.set()
    await writing
    assert [event["payload"]["queue"] for event in await listed(caller, 2)] == ["slow", "quick"]


async def write(ctx: Context, writer: int, committed: set[str]) -> None:
    """Transactions of all lengths, some of which do not commit."""
    dice = random.Random(writer)
    for number in range(25):
        names = [f"w{writer}-{number}-{n}" for n in range(dice.randint(1, 3))]
        try:
            async with ctx.transaction() as tx:
                for name in names:
                    await events.record_tenant(tx, name, QueuePaused(queue=name))
                    await asyncio.sleep(dice.choice([0, 0, 0.002, 0.03]))
                if dice.random() < 0.1:
                    raise InterruptedError
        except InterruptedError:
            continue
        committed.update(names)


async def test_readers_that_go_on_from_their_cursors_get_all_that_was_committed_once(
    app: App, ctx: Context
) -> None:
    stream = await feed.stream_feed(ctx, None, None)
    committed: set[str] = set()
    found: list[TenantEvent] = []
    writing = asyncio.gather(*[write(ctx, writer, committed) for writer in range(8)])
    cursor = stream.cursor
    async with asyncio.timeout(PATIENCE_S):
        while not (writing.done() and len(found) >= len(committed)):
            # Another stream from the last cursor each time, as after a lost connection.
            batches = (await feed.stream_feed(ctx, None, cursor)).batches
            async for batch in batches:
                found += [one for one in batch if isinstance(one, TenantEvent)]
                if batch or writing.done():
                    break
            cursor = found[-1].cursor if found else cursor
    await writing
    assert len(found) == len(committed)
    assert set(queues_in(found)) == committed
    pages = await feed.list_feed(ctx, None, None, 1000)
    assert [event.id for event in pages.items] == [event.id for event in found]


async def test_a_type_is_searched_part_by_part(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SPAN", 3)
    for number in range(9):
        async with caller.ctx.transaction() as tx:
            changed = QueueUpdated(queue=f"q{number}", fields=[])
            rare = QueuePaused(queue="rare")
            await events.record_tenant(tx, "q", rare if number in (4, 8) else changed)
    await listed(caller, 9)
    first = await page(caller, type="QUEUE_PAUSED")
    assert first["data"] == []
    assert first["pagination"]["hasMore"]
    assert len(await listed(caller, 2, type="QUEUE_PAUSED")) == 2
    assert len(await listed(caller, 7, type="QUEUE_UPDATED", limit=1)) == 7


async def test_a_stream_begins_now_or_behind_a_cursor(ctx: Context) -> None:
    await pause(ctx, "before")
    first = await feed.stream_feed(ctx, None, await cursor_of(ctx, FIRST))
    [before] = await taken(first.batches, 1)
    stream = await feed.stream_feed(ctx, None, None)
    await pause(ctx, "after")
    assert queues_in(await taken(stream.batches, 1)) == ["after"]
    again = await feed.stream_feed(ctx, None, stream.cursor)
    assert queues_in(await taken(again.batches, 1)) == ["after"]
    behind = await feed.stream_feed(ctx, EventType("QUEUE_PAUSED"), before.cursor)
    assert queues_in(await taken(behind.batches, 1)) == ["after"]


async def test_a_stream_does_not_wait_for_its_next_look(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "POLL_S", PATIENCE_S)
    stream = await feed.stream_feed(ctx, None, None)
    reading = asyncio.create_task(taken(stream.batches, 1))
    await asyncio.sleep(0.2)
    async with tenant_transaction(ctx.app, ctx.actor.tenant_id) as tx:
        await events.record_tenant(tx, "emails", QueuePaused(queue="emails"))
    async with asyncio.timeout(PATIENCE_S / 2):
        assert queues_in(await reading) == ["emails"]


async def test_a_stream_of_a_type_looks_at_each_event_once(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Place] = []
    stretch = feed.stretch

    async def noted(tx: Transaction, after: Place, *rest: Any) -> feed.Stretch:
        looked.append(after)
        return await stretch(tx, after, *rest)

    monkeypatch.setattr(feed, "stretch", noted)
    [other] = await taken((await feed.stream_feed(ctx, None, await paused(ctx))).batches, 1)
    stream = await feed.stream_feed(ctx, EventType("QUEUE_RESUMED"), other.cursor)
    looked.clear()
    await pause(ctx, "emails")
    async with asyncio.timeout(PATIENCE_S):
        async for _ in stream.batches:
            if looked[-1] > looked[0] and len(looked) > 2:
                break


async def test_what_is_no_cursor_of_the_feed_is_refused(caller: Caller, app: App) -> None:
    theirs = await tenant(app, "theirs")
    listed_queues = cursors.sealed(caller.ctx, {"list": "events", "about": "a"}, "1 ")
    ahead = await cursor_of(caller.ctx, Place(2**62, "evt_a"))
    for cursor in ("forged.token", await cursor_of(theirs, FIRST), listed_queues, ahead):
        assert fields(await caller.http.get("/events", params={"cursor": cursor})) == ["/cursor"]
        headers = {"Last-Event-ID": cursor}
        answer = await caller.http.get("/events/stream", headers=headers)
        assert fields(answer) == ["/Last-Event-ID"]


async def test_after_a_restore_events_are_listed_before_all_new_ones_and_old_cursors_are_refused(
    caller: Caller, owner: psycopg.Connection
) -> None:
    """By the statements of the operator's chapter: a new server counts its transactions anew."""
    for queue in ("a", "b"):
        await pause(caller.ctx, queue)
    [*_, newest] = await listed(caller, 2)
    owner.execute("UPDATE event SET xid = (xid::text::bigint + 1000000)::text::xid8")
    [statements] = re.findall(r"^UPDATE event SET xid.*$", OPERATIONS.read_text(), re.MULTILINE)
    owner.execute(statements.encode())
    await pause(caller.ctx, "c")
    found = [event["payload"]["queue"] for event in await listed(caller, 3)]
    assert found == ["a", "b", "c"]
    old = await caller.http.get("/events", params={"cursor": newest["cursor"]})
    assert fields(old) == ["/cursor"]


async def test_a_place_is_that_of_an_event_and_no_number_that_a_crash_gives_again(
    ctx: Context,
) -> None:
    await pause(ctx, "a")
    first = await feed.stream_feed(ctx, None, await cursor_of(ctx, FIRST))
    [event] = await taken(first.batches, 1)
    for _ in range(3):
        with contextlib.suppress(InterruptedError):
            async with ctx.transaction() as tx:
                await events.record_tenant(tx, "b", QueuePaused(queue="b"))
                raise InterruptedError
    assert (await feed.stream_feed(ctx, None, None)).cursor == event.cursor
    rare = await feed.stream_feed(ctx, EventType("QUEUE_RESUMED"), event.cursor)
    async for _ in islice_of(rare.batches, 2):
        pass
    assert (await feed.stream_feed(ctx, None, None)).cursor == event.cursor


async def test_who_goes_on_from_a_queues_event_misses_nothing(caller: Caller) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with caller.ctx.transaction() as tx:
            await events.record_tenant(tx, "slow", QueuePaused(queue="slow"))
            begun.set()
            await end.wait()

    writing = asyncio.create_task(slow())
    await begun.wait()
    await pause(caller.ctx, "quick")
    [quick] = (await page(caller, f"{QUEUES}/quick/events"))["data"]
    end.set()
    await writing
    await listed(caller, 2)
    behind = (await page(caller, cursor=quick["cursor"]))["data"]
    assert [event["payload"]["queue"] for event in behind] == ["slow", "quick"]


async def test_a_queue_with_the_name_of_a_schedule_is_another_thing(caller: Caller) -> None:
    made = await caller.call("POST", "/orchestrator/schedules", json=HOURLY)
    assert (await caller.http.get(f"{QUEUES}/{made['id']}/events")).status_code == 404
    await caller.call("PATCH", f"{QUEUES}/{made['id']}", json={"concurrency": 1})
    path = f"/orchestrator/schedules/{made['id']}/events"
    told = [event["eventType"] for event in (await page(caller, path))["data"]]
    assert told == ["SCHEDULE_CREATED"]


async def test_a_cursor_does_not_tell_how_many_transactions_there_were(ctx: Context) -> None:
    await pause(ctx, "a")
    first = await feed.stream_feed(ctx, None, await cursor_of(ctx, FIRST))
    [event] = await taken(first.batches, 1)
    async with ctx.transaction() as tx:
        state = await feed.now(ctx, tx)
    position = cursors.unsealed(ctx, state.of, event.cursor) or ""
    assert Place.read(ctx, position).id == event.id
    assert str(state.xid) not in position
    assert f"{state.xid:x} " not in position


async def test_a_new_job_is_in_the_stream_at_once(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "POLL_S", PATIENCE_S)
    stream = await feed.stream_feed(caller.ctx, None, None)
    reading = asyncio.create_task(taken(stream.batches, 1))
    await asyncio.sleep(0.2)
    job_id = await caller.create()
    async with asyncio.timeout(PATIENCE_S / 2):
        assert [event.run_id for event in await reading] == [job_id]


async def test_a_stream_of_a_rare_type_says_how_far_it_is(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "TOLD_S", 0.0)
    stream = await feed.stream_feed(ctx, EventType("QUEUE_RESUMED"), None)
    await pause(ctx, "a")
    async with asyncio.timeout(PATIENCE_S):
        async for batch in stream.batches:
            if batch:
                break
    behind = await feed.stream_feed(ctx, None, str(batch[0]))
    await pause(ctx, "b")
    assert queues_in(await taken(behind.batches, 1)) == ["b"]


@pytest.mark.parametrize("name", ["list_feed", "reach", "list_about"])
async def test_the_feed_is_read_by_its_indexes(
    caller: Caller, owner: psycopg.Connection, name: str
) -> None:
    owner.execute(INSERT, {"tenant": caller.ctx.actor.tenant_id})
    owner.execute("ANALYZE event")
    place = {"xid": 999, "id": "", "to_xid": 9999999, "to_id": "", "type": None, "limit": 20}
    given = place | {"span": 100, "about": "q10"}
    with owner.transaction():
        owner.execute("SET LOCAL ROLE prazium_app")
        owner.execute("SELECT set_config('prazium.tenant', %s, true)", [caller.ctx.actor.tenant_id])
        text = feed.sql.all[name].text
        plan = owner.execute(b"EXPLAIN (ANALYZE, BUFFERS) " + text, given).fetchall()
    told = "\n".join(line for (line,) in plan)
    assert not re.search("Seq Scan|Sort Method", told), told
