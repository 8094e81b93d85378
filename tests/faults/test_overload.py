"""More than can be answered: what is over the limit is refused at once, the rest is in time."""

import asyncio
import socket
import time
from collections import Counter
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.conftest import Form
from tests.faults.load import Load, figures
from tests.faults.served import Served, served, until


async def capacity(api: Served, seconds: float) -> float:
    """Answers a second that the API gives to eight clients."""
    load = Load(api.url, api.key)
    began = time.monotonic()
    async with load.closed(8):
        await asyncio.sleep(seconds)
    return load.statuses[200] / (time.monotonic() - began)


async def probe(api: Served, stop: asyncio.Event) -> list[tuple[str, int, float]]:
    """Ask for health and readiness five times a second; status and seconds of each answer."""
    found = []
    async with httpx.AsyncClient(base_url=api.url) as client:
        while not stop.is_set():
            for path in ("health", "ready"):
                began = time.monotonic()
                answer = await client.get(path)
                found.append((path, answer.status_code, time.monotonic() - began))
            await asyncio.sleep(0.2)
    return found


SLOW = """
    ALTER POLICY own_tenant ON project USING (
        tenant_id = (SELECT nullif(current_setting('prazium.tenant', true), ''))
        AND pg_sleep(0.005)::text = '')
"""


@pytest.mark.long
@pytest.mark.parametrize("bottleneck", ["database", "processor"])
async def test_three_times_the_capacity_is_answered_or_refused_at_once(
    database: str, tmp_path: Path, form: Form, bottleneck: str
) -> None:
    if bottleneck == "processor" and not form.long:
        pytest.skip("it leaves no processor to whoever measures, and to the other tests")
    limits = {"drain_notice": 0, "max_requests": 32, "log_level": "warning"}
    if bottleneck == "database":
        limits["pool_size"] = 2
    async with served(database, tmp_path, **limits) as api:
        api.start_run()
        if bottleneck == "database":
            with psycopg.connect(database) as owner:
                owner.execute(SLOW)
        rate = await capacity(api, form.pick(1, 10))
        before, load, stop = api.memory(), Load(api.url, api.key), asyncio.Event()
        probing = asyncio.create_task(probe(api, stop))
        await load.open(3 * rate, form.pick(6, 60))
        after = Load(api.url, api.key)
        async with after.closed(1):
            await asyncio.sleep(1)
        stop.set()
        probes, grown = await probing, api.memory() - before
    slowest = max(seconds for _, _, seconds in probes)
    told = {"grown_mb": grown, "probe_ms": slowest * 1000, "after_p99_ms": after.p99() * 1000}
    form.say(capacity=rate, **figures(load), **told)
    assert not load.failures
    assert load.statuses.keys() == {200, 503}
    assert not load.without_hint
    assert load.within(503, 0.5) < 0.1 + load.lag  # at once, without a wait for a connection
    assert load.p99() < 1 + load.lag
    assert max(load.slowest(503), slowest) < 1 + load.lag
    assert load.statuses[200] > 0.5 * rate * form.pick(6, 60)
    assert grown < 64
    assert {status for _, status, _ in probes} == {200}
    assert set(after.statuses) == {200}
    assert after.slowest(200) < 0.5


async def test_who_finds_no_database_connection_is_refused_within_a_second(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, pool_size=2, drain_notice=0) as api:
        load = Load(api.url, api.key)
        with psycopg.connect(database) as holder:
            holder.execute("LOCK TABLE project IN ACCESS EXCLUSIVE MODE")
            async with load.closed(12):
                await asyncio.sleep(2)
                holder.rollback()
                await asyncio.sleep(0.5)
    assert not load.failures
    assert load.statuses.keys() == {200, 503}
    assert load.slowest(503) < 1
    assert not load.without_hint


async def test_a_key_has_its_share_of_streams(database: str, tmp_path: Path) -> None:
    limits = {"max_streams": 3, "max_streams_per_key": 2, "drain_notice": 0}
    async with served(database, tmp_path, **limits) as api:
        path = f"{api.start_run()[1:]}/events/stream"
        with api.client() as client:
            for _ in range(2):
                await asyncio.to_thread(use_up, client, path)
                await until(lambda: client.head(path).status_code == 200)  # the places come back


def use_up(client: httpx.Client, path: str) -> None:
    """Open as many streams as the key may, and one more."""
    with client.stream("GET", path) as first, client.stream("GET", path) as second:
        assert (first.status_code, second.status_code) == (200, 200)
        with client.stream("GET", path) as refused:
            assert refused.status_code == 429
            refused.read()
        assert refused.json()["error"]["code"] == "RATE_LIMITED"
        assert refused.headers["retry-after"] == "1"
        assert client.get("projects").status_code == 200


async def test_health_and_readiness_are_answered_however_many_ask(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, drain_notice=0) as api:
        limits = httpx.Limits(max_connections=300)
        async with httpx.AsyncClient(base_url=api.url, limits=limits, timeout=30) as client:
            paths = [path for _ in range(150) for path in ("health", "ready")]
            answers = await asyncio.gather(*map(client.get, paths))
    assert Counter(answer.status_code for answer in answers) == {200: 300}


@pytest.mark.parametrize("pages", [2, 3, 4])
async def test_a_reader_that_does_not_read_holds_no_place(
    database: str, tmp_path: Path, pages: int
) -> None:
    """Behind one of these numbers of pages is the first answer that is not taken."""
    async with served(database, tmp_path, drain_notice=0, max_requests=1) as api:
        url, key = httpx.URL(api.url), {"Authorization": f"Bearer {api.key}"}
        page = "GET /v1/docs/redoc.standalone.js HTTP/1.1\r\nHost: a\r\n\r\n"
        jobs = "GET /v1/orchestrator/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect((url.host, url.port))
            reader.sendall(f"{page * pages}{jobs}{api.key}\r\n\r\n".encode())
            await asyncio.sleep(1)
            async with httpx.AsyncClient(base_url=api.url, timeout=5, headers=key) as client:
                answer = await client.get("orchestrator/jobs")
    assert answer.status_code == 200
