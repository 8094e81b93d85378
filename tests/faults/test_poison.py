"""Poison jobs are put aside after their attempts, and hardly hurt who works beside them."""

import asyncio
import math
import os
import statistics
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from scripts.stack import child
from services.context import Context, new_id
from services.engine.enqueue import NewRun, enqueue
from tests.conftest import Form
from tests.faults.served import until

FUNCTIONS = "tests.engine.executor_functions"
POISON = {
    "die": ("ATTEMPT_CRASHED", 3),
    "hoard": ("ATTEMPT_CRASHED", 3),
    "compute": ("TIMEOUT", 3),
    "flood": ("LIMIT_EXCEEDED", 1),
}
"""With which code each fails, after how many attempts; who prints for ever gets no second one."""
ATTEMPTS = 3
NOISE_S = 1.0
"""What is forgiven a small machine: the poison needs its processors to start, again and again."""
ENDS = """
    SELECT substr(task.kind, 5), run.status, run.error ->> 'code', task.attempt
    FROM run JOIN task ON task.run_id = run.id WHERE task.kind <> 'job.http'
"""
DELAYS = """
    SELECT extract(epoch FROM run.completed_at - run.created_at)::float
    FROM run JOIN task ON task.run_id = run.id
    WHERE task.kind = 'job.http' AND run.status = 'succeeded' AND run.tags @> ARRAY[%s]
    ORDER BY 1
"""


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    """A server that answers neighbours at once."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({})

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][:2]
    await runner.cleanup()


def settings(url: str, folder: Path, port: int, slots: int) -> dict[str, str]:
    """A worker that has the poison among its kinds, and may reach the neighbours' server."""
    given = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder / "data"),
        "SANDBOX": "off",
        "WORKER_CONCURRENCY": str(slots),
        "EGRESS_ALLOW": f"127.0.0.1/32:{port}",
        "JOB_FUNCTIONS": ",".join(f"{name}={FUNCTIONS}:{name}" for name in POISON),
    }
    return {f"PRAZIUM_{name}": value for name, value in given.items()}


def job(name: str, **options: Any) -> NewRun:
    return NewRun(id=new_id("job"), kind="job", name=name, **({"input": {}} | options))


async def neighbours(ctx: Context, when: str, number: int, url: str) -> None:
    """Jobs that take a moment, one after the other."""
    for _ in range(number):
        async with ctx.transaction() as tx:
            await enqueue(tx, [job("http", input={"url": url, "method": "GET"}, tags=[when])])
        await asyncio.sleep(0.05)


async def poison(ctx: Context, waves: int, of_each: int) -> None:
    """Waves of jobs that harm who runs them."""
    for _ in range(waves):
        harmful = [
            job(name, timeout_s=2.0 if name == "compute" else 30.0, max_attempts=ATTEMPTS)
            for name in POISON
            for _ in range(of_each)
        ]
        async with ctx.transaction() as tx:
            await enqueue(tx, harmful)
        await asyncio.sleep(3.0)


@pytest.mark.long
@pytest.mark.parametrize("harms", ["a few jobs", "a tenant"])
async def test_poison_jobs_are_put_aside_and_neighbours_hardly_notice(
    harms: str,
    ctx: Context,
    other_ctx: Context,
    database: str,
    tmp_path: Path,
    address: tuple[str, int],
    form: Form,
) -> None:
    host, port = address
    whose = ctx
    slots, number, waves, of_each = form.pick((20, 60, 1, 1), (20, 400, 1, 3))
    if harms == "a tenant":  # it wants all slots
        whose = other_ctx
        slots, number, waves, of_each = form.pick((4, 60, 1, 1), (20, 400, 8, 3))
    with psycopg.connect(database, autocommit=True) as owner:

        def rows(statement: str, *parameters: Any) -> list[Any]:
            return owner.execute(statement.encode(), parameters).fetchall()

        async def neighbours_done(when: str, number: int) -> list[float]:
            await neighbours(ctx, when, number, f"http://{host}:{port}/")
            await until(lambda: len(rows(DELAYS, when)) == number, 30)
            return [delay for (delay,) in rows(DELAYS, when)]

        env = os.environ | settings(database, tmp_path, port, slots)
        with child(["worker"], env, tmp_path / "worker.log") as worker:
            await until(lambda: rows("SELECT 1 FROM worker"), 30)
            alone = await neighbours_done("before", number // 2)
            poisoning = asyncio.create_task(poison(whose, waves, of_each))
            beside = await neighbours_done("beside", number)
            await poisoning
            await until(lambda: not rows("SELECT 1 FROM ready"), 120)
            alone += await neighbours_done("after", number // 2)
            assert worker.poll() is None
        found = rows(ENDS)
    form.say(
        alone_ms=p99(alone) * 1000,
        beside_ms=p99(beside) * 1000,
        alone_p50_ms=statistics.median(alone) * 1000,
        beside_p50_ms=statistics.median(beside) * 1000,
    )
    assert {name: (code, attempts) for name, _, code, attempts in found} == POISON
    assert {status for _, status, *_ in found} == {"failed"}
    assert p99(beside) <= max(1.5 * p99(alone), NOISE_S)


def p99(delays: list[float]) -> float:
    """Seconds within which 99 of 100 were done."""
    return sorted(delays)[math.ceil(len(delays) * 0.99) - 1]
