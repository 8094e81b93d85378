"""Limits hold at every moment, whoever claims: 64 claimers in four processes."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import msgspec

from services.engine import claim
from tests.engine.conftest import Lab, until
from tests.engine.test_limits import job, keyed, limit, queued

PROCESSES, CLAIMERS = 4, 16
ROOT = Path(__file__).parents[2]
LOG = """
    CREATE TABLE lease_log (
        n bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT clock_timestamp(),
        change integer, queue text, key text, began timestamptz);
    CREATE FUNCTION log_lease() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO lease_log (change, queue, key, began)
        SELECT CASE WHEN NEW.lease_until IS NULL THEN -1 ELSE 1 END, queue, OLD.concurrency_key,
               NEW.lease_until - interval '3 seconds'
        FROM lane WHERE id = OLD.lane;
        RETURN NULL;
    END $$;
    CREATE TRIGGER leased AFTER UPDATE ON ready FOR EACH ROW
        WHEN ((OLD.lease_until IS NULL) <> (NEW.lease_until IS NULL)) EXECUTE FUNCTION log_lease();
    CREATE TRIGGER ended AFTER DELETE ON ready FOR EACH ROW
        WHEN (OLD.lease_until IS NOT NULL) EXECUTE FUNCTION log_lease();
"""
"""Each lease by the moment in which the row has changed: a place is free only after that. It began
LEASE_S before it would run out."""


class Change(msgspec.Struct, frozen=True):
    """A lease that was given (+1) or has ended (-1)."""

    at: datetime
    change: int


@asynccontextmanager
async def claiming(lab: Lab, hold_s: float) -> AsyncIterator[list[int]]:
    """Claimers at work; the processes' ids. Leases are freed meanwhile as by any worker."""
    lab.owner.execute(LOG.encode())
    given = [lab.app.db.url, str(CLAIMERS), str(hold_s)]
    command = [sys.executable, "-m", "tests.engine.claimers", *given]
    processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(PROCESSES)]
    freeing = asyncio.create_task(free_again_and_again(lab))
    try:
        yield [process.pid for process in processes]
    finally:
        freeing.cancel()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*(process.wait() for process in processes))


async def free_again_and_again(lab: Lab) -> None:
    while True:
        await claim.free(lab.app, 1e9)
        await asyncio.sleep(0.2)


def changes(lab: Lab, column: str, name: str) -> list[Change]:
    """What was logged of a queue or of a key, in order."""
    statement = f"SELECT at, change FROM lease_log WHERE {column} = %s ORDER BY at, n"
    return [Change(*row) for row in lab.rows(statement, name)]


def heights(log: list[Change]) -> list[int]:
    """How many leases there were after each change."""
    height, found = 0, []
    for one in log:
        height += one.change
        found.append(height)
    return found


def ended(lab: Lab) -> int:
    """How many runs have succeeded."""
    [(count,)] = lab.rows("SELECT count(*) FROM run WHERE status = 'succeeded'")
    return int(count)


async def test_the_concurrency_of_a_queue_holds_while_it_is_changed(lab: Lab) -> None:
    limit(lab, concurrency=6)
    await queued(lab, *(job(priority=n % 3) for n in range(1000)))
    spans = [(clock(lab), 6)]
    async with claiming(lab, 0.1):
        await until(lambda: ended(lab) > 30, 30)
        for allowed in (2, 5, 1, 4):
            spans.append((clock(lab), max(allowed, spans[-1][1])))
            limit(lab, concurrency=allowed)
            spans.append((clock(lab), allowed))
            await asyncio.sleep(1.0)
    log = changes(lab, "queue", "default")
    for one, height in zip(log, heights(log), strict=True):
        if one.change > 0:
            allowed = [most for since, most in spans if since < one.at][-1]
            assert height <= allowed, one.at
    assert max(heights(log)) == 6
    pauses = unused(log, spans[-1][0], 4)
    print(f"a free place was used after {median(pauses) * 1000:.1f} ms")
    assert median(pauses) < 0.5, "wake-ups are lost"


def clock(lab: Lab) -> datetime:
    """The database's time."""
    [(now,)] = lab.rows("SELECT clock_timestamp()")
    assert isinstance(now, datetime)
    return now


def unused(log: list[Change], since: datetime, limit: int) -> list[float]:
    """How long each place of a queue was free that has so many, in seconds, the shortest first."""
    free, found = list[datetime](), list[float]()
    for one, height in zip(log, heights(log), strict=True):
        if one.at < since + timedelta(seconds=0.3):
            continue
        if one.change < 0 and height < limit:
            free.append(one.at)
        elif one.change > 0 and free:
            found.append((one.at - free.pop(0)).total_seconds())
    return sorted(found)


async def test_no_more_begin_in_any_period_than_may(lab: Lab) -> None:
    limit(lab, rate_limit=6, rate_period_s=1)
    await queued(lab, *(job() for _ in range(200)))
    async with claiming(lab, 0.0):
        await until(lambda: ended(lab) > 0, 30)
        await asyncio.sleep(4)
    found = lab.rows("SELECT began FROM lease_log WHERE change > 0 ORDER BY began")
    starts = [began for (began,) in found]
    most = max(
        sum(start <= other < start + timedelta(seconds=1) for other in starts) for start in starts
    )
    assert most == 6
    lasted = (starts[-1] - starts[0]).total_seconds()
    assert len(starts) > 6 * lasted * 0.7, "starts that were allowed did not happen"


async def test_the_limits_of_keys_hold_over_queues_and_nobody_is_forgotten(lab: Lab) -> None:
    allowed = {"a": 1, "b": 2, "c": 5}
    jobs = [keyed(key, most, queue=f"q{n % 2}") for n in range(25) for key, most in allowed.items()]
    await queued(lab, *jobs)
    async with claiming(lab, 0.02):
        await until(lambda: ended(lab) == len(jobs), 40)
    for key, most in allowed.items():
        log = changes(lab, "key", key)
        assert max(heights(log)) <= most, key
        pauses = unused(log, log[0].at - timedelta(seconds=1), most)
        print(f"{key}: a free place was used after {median(pauses) * 1000:.1f} ms")
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_killed_claimers_leak_no_place(lab: Lab) -> None:
    limit(lab, concurrency=4)
    await queued(lab, *(job() for _ in range(50)), *(keyed("k", 2, queue="b") for _ in range(30)))
    async with claiming(lab, 0.05) as pids:
        await until(lambda: ended(lab) > 5, 30)
        kill(pids[0])
        await asyncio.sleep(0.3)
        kill(pids[1])
        await until(lambda: ended(lab) == 80, 40)
    assert max(heights(changes(lab, "queue", "default"))) <= 4
    assert max(heights(changes(lab, "key", "k"))) <= 2
    assert lab.rows("SELECT 1 FROM ready") == []


def kill(pid: int) -> None:
    """As the kernel does that has no memory left."""
    os.kill(pid, signal.SIGKILL)
