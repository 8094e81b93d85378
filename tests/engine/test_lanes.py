"""What a claim costs with thousands of lanes, and which heads it sends."""

import time

import psycopg
import pytest

from db.pool import SESSION, jsonb
from services.context import system_transaction
from services.engine import claim, lanes
from services.engine.claim import Lease
from services.engine.lanes import Heads, Lane
from tests.engine.conftest import Lab
from tests.engine.test_batches import job, queued

MANY = 2000


async def taken(lab: Lab, heads: Heads, slots: int) -> list[Lease]:
    """Claim as one worker does."""
    async with system_transaction(lab.app) as tx:
        return await claim.claim(
            tx, heads, worker_id="wrk_a", kinds=["test.do"], slots=slots, lease_seconds=300
        )


async def timed(lab: Lab, heads: Heads) -> float:
    """How long it takes to claim one."""
    began = time.monotonic()
    assert len(await taken(lab, heads, 1)) == 1
    return time.monotonic() - began


async def test_a_claim_does_not_hold_each_lane_against_each_head(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "MOST_HEADS", MANY)
    monkeypatch.setattr(lanes, "LEVELS_S", (0.0, 5.0, 120.0))
    for first in range(0, MANY, 500):
        await queued(
            lab, *(job(queue=f"q{n // 4}", priority=n % 4) for n in range(first, first + 500))
        )
    heads = Heads()
    assert len(await taken(lab, heads, MANY)) == MANY
    await queued(lab, *(job(queue=f"q{n}") for n in range(10)))
    heads.heads()
    assert len(heads.heads()) == MANY
    monkeypatch.setattr(lanes, "TURNS_S", (0.0, 1e9, 1e9))  # it sends all that it knows
    times = [await timed(lab, heads) for _ in range(7)]
    print(f"a claim from {MANY} lanes with their heads: {min(times) * 1000:.1f} ms")
    assert min(times) < 0.15


def test_only_the_heads_of_the_lanes_that_were_taken_from_last_are_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "LEVELS_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(lanes, "MOST_HEADS", 3)
    heads = Heads()
    for lane in (1, 2, 3, 1, 4, 1, 5):
        heads.taken(lane, 10 * lane)
    heads.taken(5, 7)  # what comes late does not lead back
    heads.heads()
    assert heads.heads() == {4: 41, 1: 11, 5: 51}


@pytest.mark.parametrize("known", [0, 500])
async def test_free_tasks_are_found_by_their_lane_and_number(
    lab: Lab, database: str, known: int
) -> None:
    await queued(lab, *(job() for _ in range(1000)))
    lab.owner.execute("ANALYZE ready")
    own = Lane(lab.ctx.actor.tenant_id, "default", "test.do").id
    heads = {own: 5} | dict.fromkeys(range(known), 1)
    given = {"kinds": ["test.do"], "queues": None, "heads": jsonb(heads), "slots": 10}
    given |= {"lease_seconds": 30, "worker_id": "w", "open": 10, "holders": [], "left_out": []}
    with psycopg.connect(database, options=SESSION) as connection:
        connection.execute("SET ROLE prazium_system")
        found = connection.execute(b"EXPLAIN " + claim.sql.claim_tasks.text, given).fetchall()
    plan = "\n".join(line for (line,) in found)
    assert plan.count("using ready_free on ready") == 2, plan
    assert "ready_expiring" not in plan and "Seq Scan on ready" not in plan, plan
