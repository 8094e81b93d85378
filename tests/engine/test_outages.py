"""The database goes away under a worker: no attempt is lost, and no lease that still works."""

import asyncio
import dataclasses
import time
from typing import Any

import msgspec
import pytest

from db.pool import Transaction
from services.engine import attempts, worker
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.engine.worker import Worker
from services.errors import DatabaseAway, Unavailable
from tests.engine.conftest import Lab, effect, new


def away(lab: Lab, times: int) -> None:
    """The task `a` finds the database away so many times."""

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal times
        times -= 1
        if times >= 0:
            raise DatabaseAway
        return Completion(record=effect("done"))

    lab.does["a"] = function


async def test_an_attempt_that_failed_for_want_of_the_database_is_given_back(lab: Lab) -> None:
    away(lab, 2)
    run = await lab.start(new("a", max_attempts=1))
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), lab.task("a")[1]) == (["done"], 1)
    assert "task.retried a" not in lab.said(run)


async def test_a_connection_that_is_cut_inside_a_task_costs_no_attempt(lab: Lab) -> None:
    calls = 0

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        nonlocal calls
        calls += 1
        async with ctx.transaction() as tx:
            if calls == 1:
                cut(lab)
            await effect("half")(tx)
        return Completion(record=effect("done"))

    lab.does["a"] = function
    run = await lab.start(new("a", max_attempts=1))
    assert await lab.work_through(run) == "succeeded"
    assert (lab.effects(), lab.task("a")[1]) == (["half", "done"], 1)


async def test_a_task_that_never_finds_the_database_fails_in_the_end(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_GIVEN_BACK", 1)
    away(lab, 99)
    run = await lab.start(new("a", max_attempts=1))
    assert await lab.work_through(run) == "failed"
    assert lab.run(run)[2]["code"] == "SERVICE_UNAVAILABLE"


async def test_a_result_is_kept_through_an_outage_of_any_length(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = 3 * attempts.RECORD_TRIES

    async def refuse(tx: Transaction) -> None:
        nonlocal refusals
        refusals -= 1
        if refusals >= 0:
            raise DatabaseAway
        await effect("done")(tx)

    async def function(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(record=refuse)

    monkeypatch.setattr(attempts, "RECORD_PAUSE_S", 0.0)
    patient = msgspec.structs.replace(lab.app.settings, lease_seconds=10.0)
    lab.app = dataclasses.replace(lab.app, settings=patient)
    lab.does["a"] = function
    run = await lab.start(new("a", max_attempts=1))
    assert await lab.work_through(run) == "succeeded"
    assert lab.effects() == ["done"]


async def test_a_worker_whose_heart_does_not_beat_claims_nothing(lab: Lab) -> None:
    await lab.start(new("a"))
    silent, claims = Worker(lab.app, lab.kinds), lab.app.metrics.claims
    silent._beat_at = time.monotonic() - lab.app.settings.lease_seconds
    await silent._claim()
    silent._on_beat(set(), time.monotonic())
    await silent._claim()  # others may still be about to extend their leases
    assert claims == {"taken": 0, "empty": 0}
    silent._claims_from = 0.0
    await silent._claim()
    assert claims["taken"] == 1
    await asyncio.gather(*silent._work.beginners)
    await asyncio.gather(*silent._running.values())


async def test_a_worker_stays_whatever_the_claim_raises(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, failures = worker.claim.claim, [RuntimeError("odd"), Unavailable()]

    async def odd(*arguments: Any, **options: Any) -> object:
        if failures:
            raise failures.pop()
        return await claim(*arguments, **options)

    monkeypatch.setattr(worker.claim, "claim", odd)
    run = await lab.start(new("a"))
    assert await lab.work_through(run) == "succeeded"
    assert not failures


def cut(lab: Lab) -> None:
    """Terminate every other connection to the database."""
    lab.owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
