"""Poison jobs are put aside after their attempts, and hardly hurt who works beside them."""

import asyncio
import math
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
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
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
NEIGHBOURS = 60
ENDS = """
    SELECT substr(task.kind, 5), run.status, run.error ->> 'code', task.attempt
    FROM run JOIN task ON task.run_id = run.id WHERE task.kind <> 'job.http'
"""
DELAYS = """
    SELECT extract(epoch FROM run.completed_at - run.created_at)::float
    FROM run JOIN task ON task.run_id = run.id
    WHERE task.kind = 'job.http' AND run.status = 'succeeded' AND run.created_at >= %s
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


def settings(url: str, folder: Path, port: int) -> dict[str, str]:
    """A worker that has the poison among its kinds, and may reach the neighbours' server."""
    given = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder / "data"),
        "SANDBOX": "off",
        "WORKER_CONCURRENCY": "20",
        "EGRESS_ALLOW": f"127.0.0.1/32:{port}",
        "JOB_FUNCTIONS": ",".join(f"{name}={FUNCTIONS}:{name}" for name in POISON),
    }
    return {f"PRAZIUM_{name}": value for name, value in given.items()}


def job(name: str, **options: Any) -> NewRun:
    return NewRun(id=new_id("job"), kind="job", name=name, **({"input": {}} | options))


async def neighbours(ctx: Context, url: str) -> None:
    """Jobs that take a moment, one after the other."""
    for _ in range(NEIGHBOURS):
        async with ctx.transaction() as tx:
            await enqueue(tx, [job("http", input={"url": url, "method": "GET"})])
        await asyncio.sleep(0.05)


@pytest.mark.long
async def test_poison_jobs_are_put_aside_and_neighbours_hardly_notice(
    ctx: Context, database: str, tmp_path: Path, address: tuple[str, int], form: Form
) -> None:
    host, port = address
    with psycopg.connect(database, autocommit=True) as owner:

        def rows(statement: str, *parameters: Any) -> list[Any]:
            return owner.execute(statement.encode(), parameters).fetchall()

        env = os.environ | settings(database, tmp_path, port)
        with child(["worker"], env, tmp_path / "worker.log") as worker:
            await until(lambda: rows("SELECT 1 FROM worker"), 30)
            await neighbours(ctx, f"http://{host}:{port}/")
            await until(lambda: len(rows(DELAYS, BEGINNING)) == NEIGHBOURS, 30)
            alone, since = p99(rows(DELAYS, BEGINNING)), datetime.now(UTC)
            async with ctx.transaction() as tx:
                await enqueue(
                    tx,
                    [
                        job(
                            name,
                            timeout_s=2.0 if name == "compute" else 30.0,
                            max_attempts=ATTEMPTS,
                        )
                        for name in POISON
                        for _ in range(form.pick(1, 3))
                    ],
                )
            await neighbours(ctx, f"http://{host}:{port}/")
            await until(lambda: not rows("SELECT 1 FROM ready"), 90)
            assert worker.poll() is None
        beside = p99(rows(DELAYS, since))
        found = rows(ENDS)
    form.say(alone_ms=alone * 1000, beside_ms=beside * 1000)
    assert {name: (code, attempts) for name, _, code, attempts in found} == POISON
    assert {status for _, status, *_ in found} == {"failed"}
    assert beside < max(1.5 * alone, 1.0)


def p99(delays: list[Any]) -> float:
    """Seconds within which 99 of 100 were done."""
    return float(delays[math.ceil(len(delays) * 0.99) - 1][0])
