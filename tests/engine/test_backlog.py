"""What is long overdue, and more than one look sees, is free or has failed soon all the same."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.engine import claim, looking
from services.engine.claim import Freeing
from services.engine.expiry import expire
from services.engine.worker import Worker
from tests.engine.conftest import Lab, until
from tests.engine.test_batches import job, queued
from tests.engine.test_limits import limit
from tests.engine.test_times import soon

DUE = "UPDATE ready SET run_at = now() - interval '2 minutes'"
EXPIRED = "UPDATE ready SET expires_at = now() - interval '2 minutes'"
LOST = "UPDATE ready SET lease_until = now() - interval '2 minutes'"
WAITING = "SELECT 1 FROM ready WHERE run_at IS NOT NULL"
LEFT = "SELECT 1 FROM ready"
FAILED = "SELECT count(*) FROM run WHERE status = 'failed'"
REFUSED = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
    CREATE TRIGGER refused BEFORE UPDATE OR DELETE ON ready
        FOR EACH ROW WHEN (OLD.run_id = '{}') EXECUTE FUNCTION refuse();
"""


async def later(lab: Lab, count: int, **options: Any) -> list[str]:
    """Jobs that wait for tomorrow."""
    jobs = [job(run_at=soon(86_400), **options) for _ in range(count)]
    return [run for n in range(0, count, 500) for run in await queued(lab, *jobs[n : n + 500])]


async def test_thousands_of_jobs_that_were_due_long_ago_are_free_in_seconds(lab: Lab) -> None:
    await later(lab, 3500)
    lab.owner.execute(DUE.encode())
    async with lab.working():
        await until(lambda: lab.rows(WAITING) == [], 6)


async def test_hundreds_of_jobs_whose_time_was_over_long_ago_fail_in_seconds(lab: Lab) -> None:
    await later(lab, 500, start_by=soon(60))
    lab.owner.execute(EXPIRED.encode())
    async with lab.working():
        await until(lambda: lab.rows(FAILED) == [(500,)], 15)


async def test_several_workers_fail_what_is_overdue_once_each(lab: Lab) -> None:
    await later(lab, 300, start_by=soon(60))
    lab.owner.execute(EXPIRED.encode())
    async with lab.working(3):
        await until(lambda: lab.rows(FAILED) == [(300,)], 15)
    ends = "SELECT run_id FROM event WHERE type = 'run.completed' GROUP BY run_id"
    assert lab.rows(f"{ends} HAVING count(*) > 1") == []


async def test_more_leases_than_one_look_sees_are_lost_at_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(lab, *(job() for _ in range(35)))
    assert len(await lab.claim("wrk_gone", 35)) == 35
    monkeypatch.setattr(claim, "MOST_FREED", 10)
    lab.owner.execute(LOST.encode())
    async with lab.working():
        await until(lambda: lab.rows(LEFT) == [], 6)


def fails_once(lab: Lab, one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look fails."""
    free = claim.free

    async def broken(*given: Any) -> Freeing:
        monkeypatch.setattr(claim, "free", free)
        lab.owner.execute(DUE.encode())
        raise RuntimeError("broken")

    monkeypatch.setattr(claim, "free", broken)


def holds_off(lab: Lab, one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look is left out."""

    is_long = one._is_long

    def silent(silence_s: float) -> bool:
        if (task := asyncio.current_task()) is None or task.get_name() != "look":
            return is_long(silence_s)  # who claims asks too
        monkeypatch.setattr(one, "_is_long", is_long)
        lab.owner.execute(DUE.encode())
        return True

    monkeypatch.setattr(one, "_is_long", silent)


@pytest.mark.parametrize("goes_wrong", [fails_once, holds_off])
async def test_after_a_look_that_came_to_nothing_the_next_one_is_for_everything(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    goes_wrong: Callable[[Lab, Worker, pytest.MonkeyPatch], None],
) -> None:
    monkeypatch.setattr(looking, "LOOK_S", 0.05)
    await later(lab, 3)
    async with lab.working() as [one]:
        await asyncio.sleep(0.5)  # its first looks are over
        goes_wrong(lab, one, monkeypatch)
        await until(lambda: lab.rows(LEFT) == [], 2)


async def test_what_has_waited_for_too_long_is_not_claimed(lab: Lab) -> None:
    late, able = await queued(lab, job(start_by=soon(60)), job(start_by=soon(60)))
    lab.owner.execute(f"{EXPIRED} WHERE run_id = '{late}'".encode())
    assert [lease.run_id for lease in await lab.claim("wrk_a", 9)] == [able]


async def test_what_has_waited_for_too_long_takes_no_room_in_a_limited_queue(lab: Lab) -> None:
    limit(lab, "tight", concurrency=1)
    late, able = await queued(
        lab,
        job(queue="tight", priority=9, start_by=soon(60)),
        job(queue="tight", end_by=soon(60)),
    )
    lab.owner.execute(f"{EXPIRED} WHERE run_id = '{late}'".encode())
    assert [lease.run_id for lease in await lab.claim("wrk_a", 9)] == [able]


async def test_a_lost_task_that_cannot_be_freed_does_not_stop_the_others(lab: Lab) -> None:
    runs = await queued(lab, *(job() for _ in range(7)))
    await lab.claim("wrk_gone", 7)
    lab.owner.execute(LOST.encode())
    lab.owner.execute(REFUSED.format(runs[3]).encode())
    assert (await claim.free(lab.app, 1e9)).lost == 6
    held = "SELECT run_id FROM ready WHERE lease_until IS NOT NULL"
    assert lab.rows(held) == [(runs[3],)]


async def test_a_task_that_cannot_be_failed_does_not_stop_the_others(lab: Lab) -> None:
    runs = await later(lab, 7, end_by=soon(60))
    lab.owner.execute(EXPIRED.encode())
    lab.owner.execute(REFUSED.format(runs[3]).encode())
    assert not await expire(lab.app, lab.kinds, 1e9)
    assert lab.rows("SELECT run_id FROM ready") == [(runs[3],)]
