"""Solo runs: queued, claimed and recorded by the hundred."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from db.pool import SESSION
from db.queries import load
from services.context import Context, new_id
from services.engine import claim
from services.engine.claim import TaskContext, TaskRow
from services.engine.enqueue import NewRun, enqueue
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, until


def job(**options: Any) -> NewRun:
    """A solo run of the laboratory's kind."""
    return NewRun(id=new_id("job"), kind="test", name="do", **{"input": {}} | options)


async def queued(lab: Lab, *jobs: NewRun) -> list[str]:
    """Queue them in one transaction."""
    async with lab.ctx.transaction() as tx:
        return await enqueue(tx, list(jobs))


async def ended(lab: Lab, count: int) -> None:
    """Let one worker end so many runs."""
    async with lab.working():
        await until(
            lambda: (
                lab.rows("SELECT count(*) FROM run WHERE completed_at IS NOT NULL") == [(count,)]
            )
        )


async def test_a_thousand_runs_end_with_their_results_and_three_events_each(lab: Lab) -> None:
    async def double(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(result={"twice": 2 * msgspec.json.decode(task.definition)["n"]})

    lab.does["test"] = double
    ids = await queued(lab, *(job(input={"n": n}) for n in range(1000)))
    await ended(lab, 1000)
    outputs = dict(lab.rows("SELECT id, output FROM run WHERE status = 'succeeded'"))
    assert outputs == {run: {"twice": 2 * n} for n, run in enumerate(ids)}
    assert lab.rows("SELECT 1 FROM ready") == []
    said = lab.rows("SELECT run_id, array_agg(type ORDER BY seq), max(seq) FROM event GROUP BY 1")
    assert len(said) == 1000
    three = ["run.created", "task.started", "run.completed"]
    assert all((types, last) == (three, 3) for _, types, last in said)


async def test_what_runs_of_one_batch_have_in_common_is_each_ones_own(lab: Lab) -> None:
    queues, limits = ("a", "b"), (1, 7)
    ids = await queued(
        lab,
        *(
            job(
                input={"n": n},
                queue=queues[n % 2],
                priority=n % 3,
                max_attempts=limits[n % 2],
                tags=[f"t{n}"],
            )
            for n in range(12)
        ),
    )
    found = lab.rows(
        "SELECT run.id, input -> 'n', run.queue, lane.queue, lane.priority, ready.priority,"
        " max_attempts, tags[1] FROM run JOIN task ON run_id = run.id JOIN ready USING (run_id)"
        " JOIN lane ON lane.id = ready.lane ORDER BY run.id"
    )
    assert found == [
        (run, n, queues[n % 2], queues[n % 2], n % 3, n % 3, limits[n % 2], f"t{n}")
        for n, run in enumerate(ids)
    ]


async def test_jobs_are_in_the_partition_of_their_week(lab: Lab) -> None:
    await queued(lab, job())
    for table in ("run", "task", "event"):
        assert lab.rows(f"SELECT count(*) FROM {table}_kept") == [(0,)]
        assert lab.rows(f"SELECT count(*) FROM {table}") == [(1,)]


async def test_a_second_run_with_the_key_of_a_live_one_is_the_same(lab: Lab) -> None:
    [first] = await queued(lab, job(dedupe_key="a"))
    again = await queued(lab, job(dedupe_key="a"), job(dedupe_key="b"), job(dedupe_key="b"))
    assert again[0] == first
    assert again[1] == again[2] != first
    other = await queued(lab, job(dedupe_key="a", queue="elsewhere"))
    assert other != [first]
    await ended(lab, 3)
    assert lab.rows("SELECT 1 FROM dedupe") == []
    assert await queued(lab, job(dedupe_key="a")) != [first]


async def test_a_key_is_free_again_after_a_failure_and_a_cancel(lab: Lab) -> None:
    async def fail(ctx: TaskContext, task: TaskRow) -> Completion:
        raise TaskFailed("X", "x")

    lab.does["test"] = fail
    [first] = await queued(lab, job(dedupe_key="a"))
    await ended(lab, 1)
    [second] = await queued(lab, job(dedupe_key="a"))
    assert await lab.cancel(second)
    assert lab.rows("SELECT 1 FROM dedupe") == []
    assert [event.type for event in lab.events(first)][-1] == "run.completed"


async def test_one_result_that_cannot_be_stored_does_not_harm_its_batch(lab: Lab) -> None:
    async def odd(ctx: TaskContext, task: TaskRow) -> Completion:
        return Completion(result="\0" if b"bad" in bytes(task.definition) else "fine")

    lab.does["test"] = odd
    jobs = [job(input={"n": n}, max_attempts=1) for n in range(20)]
    await queued(lab, *jobs, job(input={"bad": 1}, max_attempts=1))
    await ended(lab, 21)
    assert lab.rows("SELECT status, count(*) FROM run GROUP BY 1 ORDER BY 1") == [
        ("failed", 1),
        ("succeeded", 20),
    ]


async def test_a_run_of_later_waits_for_its_time(lab: Lab) -> None:
    later = datetime.now(UTC) + timedelta(seconds=0.8)
    await queued(lab, job(run_at=later))
    assert await lab.claim("wrk_a") == []
    await ended(lab, 1)
    [(started,)] = lab.rows("SELECT started_at FROM run")
    assert later <= started < later + timedelta(seconds=0.7)


async def test_the_first_of_each_tenant_come_before_the_second_of_any(
    lab: Lab, other_ctx: Context
) -> None:
    await queued(lab, *(job() for _ in range(300)))
    async with other_ctx.transaction() as tx:
        [lone] = await enqueue(tx, [job()])
    assert lone in [lease.run_id for lease in await lab.claim("wrk_a", 2)]


async def test_what_is_numbered_early_but_seen_late_is_claimed_all_the_same(lab: Lab) -> None:
    await queued(lab, job())  # the lane is there
    async with lab.working():
        async with lab.ctx.transaction() as tx:
            await enqueue(tx, [job()])
            await queued(lab, *(job() for _ in range(50)))
            await until(lambda: lab.rows("SELECT 1 FROM ready WHERE lease_until IS NULL") == [])
            await asyncio.sleep(0.5)
        await until(
            lambda: lab.rows("SELECT count(*) FROM run WHERE completed_at IS NOT NULL") == [(51,)],
            3,
        )


async def test_a_cancelled_run_is_not_begun(lab: Lab) -> None:
    [run] = await queued(lab, job())
    leases = await lab.claim("wrk_a")
    assert await lab.cancel(run)
    async with lab.ctx.transaction() as tx:
        assert await claim.begin(tx, leases) == []
    assert [event.type for event in lab.events(run)] == ["run.created", "run.completed"]


PLANNED: dict[str, dict[str, Any]] = {
    "solo.begin_solo": {"leases": "[]", "run_ids": ["job_a"]},
    "solo.finish_solo": {"outcomes": "{}", "run_ids": ["job_a"]},
    "engine.fence": {"run_id": "job_a", "task_id": "task_a", "lease_token": 1},
    "engine.extend_leases": {
        "tenant_ids": ["a"], "run_ids": ["b"], "task_ids": ["c"],
        "worker_id": "w", "lease_seconds": 1,
    },
    "worker.hold_jobs": {"job_ids": ["job_a"], "lease_tokens": [1], "built_in": ["x"]},
    "graphs.wake_task": {"run_id": "job_a", "task_id": "task_a"},
}  # fmt: skip


@pytest.mark.parametrize("name", PLANNED)
async def test_figures_of_a_quiet_moment_mislead_no_plan(
    lab: Lab, database: str, name: str
) -> None:
    """To the planner nothing is leased or free then, and an index of only those is the smallest."""
    await queued(lab, *(job(run_at=datetime.now(UTC) + timedelta(days=1)) for _ in range(1000)))
    lab.owner.execute("ANALYZE ready")
    module, query = name.split(".")
    statement = getattr(load(module), query).text
    with psycopg.connect(database, options=SESSION) as connection:
        connection.execute("SET ROLE prazium_app")
        connection.execute(
            "SELECT set_config('prazium.tenant', %s, true)", [lab.ctx.actor.tenant_id]
        )
        found = connection.execute(b"EXPLAIN " + statement, PLANNED[name]).fetchall()
    plan = "\n".join(line for (line,) in found)
    for index in ("ready_free", "ready_leased", "ready_running"):
        assert index not in plan, plan
    assert "ready_pkey" in plan
