"""A worker goes on with what follows its tasks, without a claim between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from db.pool import Transaction
from services.context import App
from services.engine import recording, worker
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.errors import DatabaseAway
from tests.engine.conftest import Lab, new

SHUFFLED = """
    SELECT a.type, b.type FROM event AS a JOIN event AS b ON b.run_id = a.run_id AND b.xid = a.xid
    WHERE a.seq < b.seq AND a.id > b.id
"""
SLUGS = ["a", "b", "c", "d", "e"]


async def chain(lab: Lab) -> str:
    """A run of five tasks, one after the other."""
    pairs = zip(SLUGS, ["", *SLUGS], strict=False)
    return await lab.start(*(new(slug, *([after] if after else [])) for slug, after in pairs))


async def test_a_chain_is_claimed_once(lab: Lab) -> None:
    run = await chain(lab)
    assert await lab.work_through(run) == "succeeded"
    assert lab.app.metrics.claims["taken"] == 1
    steps = [f"task.{what} {slug}" for slug in SLUGS for what in ("started", "completed")]
    assert [said for said in lab.said(run) if said.startswith("task.")] == steps
    assert lab.rows("SELECT DISTINCT attempt FROM task") == [(1,)]


async def test_a_slot_goes_to_whoevers_turn_it_is_after_a_while(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GOES_ON_S", 0.0)
    run = await chain(lab)
    assert await lab.work_through(run) == "succeeded"
    assert lab.app.metrics.claims["taken"] == len(SLUGS)


@pytest.mark.parametrize("change", ["concurrency = 5", "paused_at = now()"])
async def test_nobody_goes_on_past_a_limit_or_a_pause(lab: Lab, change: str) -> None:
    run = await chain(lab)
    [lease] = await lab.claim("wrk")
    lab.rows(f"UPDATE queue SET {change} RETURNING name")
    task = await lab.begin(lease)
    taker = recording.Taker("wrk", ["test.do"], None, 30.0)
    async with lab.ctx.transaction() as tx:
        success = recording.Success(task, goes_on=True)
        [finished] = await recording.finish(tx, lab.kinds, [success], taker)
    assert (finished.next, finished.freed_kinds) == (None, ["test.do"])
    assert lab.statuses(run)["b"] == "pending"


async def test_what_was_taken_in_a_commit_whose_answer_was_lost_is_given_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = recording.tenant_transaction, 1

    @asynccontextmanager
    async def deaf(app: App, tenant_id: str) -> AsyncIterator[Transaction]:
        nonlocal lost
        async with real(app, tenant_id) as tx:
            yield tx
        lost -= 1
        if lost >= 0:
            raise DatabaseAway

    monkeypatch.setattr(recording, "tenant_transaction", deaf)
    run = await chain(lab)
    assert await lab.work_through(run) == "succeeded"
    assert lab.app.metrics.claims["taken"] == 2
    assert lab.rows("SELECT DISTINCT attempt FROM task") == [(1,)]


async def test_one_result_that_cannot_be_stored_costs_the_others_of_its_batch_no_attempt(
    lab: Lab,
) -> None:
    together = asyncio.Barrier(lab.app.settings.worker_concurrency)
    slugs = [f"t{n}" for n in range(together.parties - 1)]

    async def odd(ctx: TaskContext, task: TaskRow) -> Completion:
        if task.attempt == 1:
            await together.wait()
        return Completion(result="\0" if task.slug == "bad" else task.slug)

    lab.does |= dict.fromkeys([*slugs, "bad"], odd)
    run = await lab.start(*(new(slug) for slug in [*slugs, "bad"]), goes_on=True)
    assert await lab.work_through(run) == "failed"
    ended = "SELECT slug, attempt, result FROM task WHERE status = 'succeeded' ORDER BY slug"
    assert lab.rows(ended) == [(slug, 1, slug) for slug in slugs]


async def test_the_ids_of_what_one_transaction_tells_are_in_the_order_of_its_numbers(
    lab: Lab,
) -> None:
    """So that the feed, which has no other order inside a transaction, has that of the run."""
    together = asyncio.Barrier(lab.app.settings.worker_concurrency)

    async def at_once(ctx: TaskContext, task: TaskRow) -> Completion:
        await together.wait()
        return Completion()

    heads = [f"h{n}" for n in range(together.parties)]
    lab.does |= dict.fromkeys(heads, at_once)
    following = [new(f"n{n}", head) for n, head in enumerate(heads)]
    run = await lab.start(*(new(slug) for slug in heads), *following)
    assert await lab.work_through(run) == "succeeded"
    assert lab.rows(SHUFFLED) == []
