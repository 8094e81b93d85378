"""The log of a run has no gap, no duplicate, and the order of the commits."""

import asyncio
import contextlib
import random

import pytest

from generated.models import FileDeleted, TaskStarted
from services.context import Context
from services.engine import events
from services.engine.events import channel_type, event_type
from tests.engine.conftest import Lab, new


class RolledBack(Exception):
    """A writer changes its mind."""


async def test_eight_writers_with_rollbacks_leave_no_gap(lab: Lab) -> None:
    run = await lab.start(new("a"))
    before = len(lab.events(run))
    dice, written, seen = random.Random(3), list[str](), list[int]()

    async def writer(who: int) -> None:
        for number in range(25):
            paths = [f"{who}-{number}-{part}" for part in range(dice.randint(1, 3))]
            with contextlib.suppress(RolledBack):
                async with lab.ctx.transaction() as tx:
                    await events.record(tx, run, *(FileDeleted(path=path) for path in paths))
                    await asyncio.sleep(dice.random() * 0.005)
                    if dice.random() < 0.3:
                        raise RolledBack
                written.extend(paths)

    async def reader() -> None:
        """A reader that goes on after the last number it saw must miss nothing."""
        while len(seen) < before + len(written) or not done.is_set():
            last = seen[-1] if seen else 0
            found = lab.rows("SELECT seq FROM event WHERE seq > %s ORDER BY seq", last)
            seen.extend(seq for (seq,) in found)
            await asyncio.sleep(0.002)

    done = asyncio.Event()
    reading = asyncio.create_task(reader())
    await asyncio.gather(*(writer(who) for who in range(8)))
    done.set()
    await asyncio.wait_for(reading, 5)
    stored = lab.events(run)
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1)) == seen
    assert sorted(event.payload["path"] for event in stored[before:]) == sorted(written)
    assert 0 < len(written) < 8 * 25 * 3


async def test_the_events_of_one_call_keep_their_order(lab: Lab) -> None:
    run = await lab.start(new("a"))
    paths = [f"file-{n}" for n in range(200)]
    async with lab.ctx.transaction() as tx:
        await events.record(tx, run, *(FileDeleted(path=path) for path in paths))
    stored = [event for event in lab.events(run) if event.type == "file.deleted"]
    assert [event.payload["path"] for event in stored] == paths


async def test_a_run_of_another_tenant_takes_no_events(lab: Lab, other_ctx: Context) -> None:
    run = await lab.start(new("a"))
    before = lab.said(run)
    async with other_ctx.transaction() as tx:
        await events.record(tx, run, FileDeleted(path="x"))
    assert lab.said(run) == before


@pytest.mark.parametrize(
    ("payload", "stored", "channel"),
    [(TaskStarted, "task.started", "TASK_STARTED"), (FileDeleted, "file.deleted", "FILE_DELETED")],
)
def test_the_type_of_an_event_is_the_name_of_its_payload(
    payload: type, stored: str, channel: str
) -> None:
    assert event_type(payload) == stored
    assert channel_type(stored) == channel
