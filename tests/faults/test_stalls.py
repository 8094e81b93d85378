"""PostgreSQL that is there and does not answer, as on storage that is stalled."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.faults.impatient import PATIENCE_S
from tests.faults.load import Load
from tests.faults.served import Postgres, Served, served, until
from tests.faults.test_outages import followed, healed, server

__all__ = ["server"]

BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
MOST = 8 + 2 + 2 + 1
"""Connections of an API process (its pools, its hints), and the one that counts them."""


@pytest.fixture
async def api(server: Postgres, tmp_path: Path) -> AsyncIterator[Served]:
    """The API on it, with little patience."""
    module = "tests.faults.impatient"
    async with served(server.url, tmp_path, module, drain_notice=0, log_level="warning") as started:
        yield started
    assert "Traceback" not in started.log.read_text()


async def asked(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """An answer that does not keep its caller waiting."""
    began = time.monotonic()
    answer = await client.get(path)
    assert time.monotonic() - began < 1.5
    return answer


async def test_a_server_that_does_not_answer_is_given_up_and_taken_up_again(
    server: Postgres, api: Served
) -> None:
    path = api.start_run()
    full = Load(api.url, api.key)
    async with full.closed(12):
        await asyncio.sleep(0.5)  # until the pool has all its connections
    load = Load(api.url, api.key)
    async with (
        httpx.AsyncClient(base_url=api.url, timeout=30) as client,
        followed(api, path) as events,
        load.closed(12, pause_s=0.01),
    ):
        await asyncio.sleep(0.2)
        with server.stalled():
            until_s = time.monotonic() + 2 * PATIENCE_S
            while time.monotonic() < until_s:
                ready, health = await asyncio.gather(
                    asked(client, "/ready"), asked(client, "/health")
                )
                assert ready.status_code == 503
                assert health.json()["components"]["database"] == "unhealthy"
            assert load.statuses[503] > 12
        healing = await healed(api)
        assert (await asked(client, "/ready")).status_code == 200
        with api.client() as customer:
            assert (await asyncio.to_thread(customer.post, f"{path}/cancel")).status_code == 200
        await until(lambda: "RUN_COMPLETED" in events, 3)
    assert healing < 5
    assert not load.failures
    assert load.statuses.keys() == {200, 503}
    assert not load.without_hint
    assert max(load.slowest(200), load.slowest(503)) < PATIENCE_S + 1.5
    await until(lambda: server.execute(BACKENDS) <= [(MOST,)])
