"""PostgreSQL that dies, comes back, only reads or is full, under the running product."""

import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Form
from tests.faults.load import Load, figures
from tests.faults.served import Postgres, Served, postgres, served, until, working

LISTENING = "SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN prazium'"
FULL = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON project EXECUTE FUNCTION refuse()
"""
STANDS_S = 40
"""A run in which nothing has happened for so long stands still."""
NEW = {"name": "Outage", "description": "Pets and owners."}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server that these tests may kill; not in pytest's folder, which its user may not enter."""
    with (
        tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as folder,
        postgres(Path(folder)) as started,
    ):
        yield started


@pytest.fixture
async def api(server: Postgres, tmp_path: Path) -> AsyncIterator[Served]:
    """The API on it."""
    async with served(server.url, tmp_path, drain_notice=0, log_level="warning") as started:
        yield started
    assert "Traceback" not in started.log.read_text()


def check(load: Load) -> None:
    """Nothing failed but with 503 and a hint, within a second."""
    assert not load.failures
    assert load.statuses.keys() <= {200, 503}
    assert not load.without_hint
    assert load.slowest(503) < 1


async def healed(api: Served) -> float:
    """Seconds until ten requests in a row are answered."""
    began = time.monotonic()
    row = 0
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {api.key}"}) as client:
        while row < 10:
            answer = await client.get(f"{api.url}/projects", headers={"Cache-Control": "no-cache"})
            assert answer.status_code in (200, 503)
            row = row + 1 if answer.status_code == 200 else 0
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.01)
    return time.monotonic() - began


@contextlib.asynccontextmanager
async def followed(api: Served, path: str) -> AsyncIterator[list[str]]:
    """The types of the events that a stream brings, as they come."""
    found: list[str] = []

    async def read() -> None:
        headers = {"Authorization": f"Bearer {api.key}"}
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as client,
            client.stream("GET", f"{api.url}{path}/events/stream") as stream,
        ):
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    found.append(line.removeprefix("event: "))

    task = asyncio.create_task(read())
    await until(lambda: found)
    yield found
    await asyncio.wait_for(task, 5)


@pytest.mark.long
async def test_a_server_that_dies_and_comes_back_is_survived(
    server: Postgres, api: Served, form: Form
) -> None:
    path = api.start_run()
    load, healing, listening = Load(api.url, api.key), 0.0, 0.0
    async with followed(api, path) as events, load.closed(4, pause_s=0.01):
        for number in range(form.pick(1, 20)):
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(1.5 if number == 0 else form.random.uniform(0, 4))
            await asyncio.to_thread(server.start)
            healing = max(healing, await healed(api))
            listening = max(listening, await until(lambda: server.execute(LISTENING), 5))
        with api.client() as client:
            assert (await asyncio.to_thread(client.post, f"{path}/cancel")).status_code == 200
        await until(lambda: "RUN_COMPLETED" in events, 2)
    form.say(healed_s=healing, listening_s=listening, **figures(load))
    check(load)


async def test_an_outage_that_no_request_met_costs_none(server: Postgres, api: Served) -> None:
    async with Load(api.url, api.key).closed(12):
        await asyncio.sleep(0.3)  # until the pool has all its connections
    await asyncio.to_thread(server.restart)
    await until(lambda: server.execute(LISTENING))
    await asyncio.sleep(0.5)
    load = Load(api.url, api.key)
    async with load.closed(12):
        await asyncio.sleep(0.3)
    assert not load.failures
    assert set(load.statuses) == {200}


@pytest.mark.long
async def test_connections_that_are_cut_are_replaced(
    server: Postgres, api: Served, form: Form
) -> None:
    load, cut = Load(api.url, api.key), 0
    async with load.closed(4):
        while cut < form.pick(30, 300):
            cut += await asyncio.to_thread(server.cut)
            await asyncio.sleep(form.random.uniform(0, 0.5))
        healing = await healed(api)
    form.say(cut=cut, healed_s=healing, **figures(load))
    check(load)


async def test_a_server_that_only_reads_refuses_writers_alone(
    server: Postgres, api: Served
) -> None:
    with api.client() as client:
        server.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
        server.cut()
        await healed(api)
        for _ in range(3):
            refuses(client)
        assert client.get("projects").status_code == 200
        server.execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        server.cut()
        await until(lambda: client.post("projects", json=NEW).status_code == 201)


async def test_a_full_disk_refuses_writers_alone(server: Postgres, api: Served) -> None:
    server.execute(FULL)
    with api.client() as client:
        refuses(client)
        assert client.get("projects").status_code == 200
        server.execute("DROP TRIGGER full_disk ON project; DROP FUNCTION refuse")
        assert client.post("projects", json=NEW).status_code == 201


def refuses(client: httpx.Client) -> None:
    """Writing is answered with 503 at once."""
    began = time.monotonic()
    answer = client.post("projects", json=NEW)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert time.monotonic() - began < 1


@pytest.mark.long
async def test_a_build_goes_on_after_outages_and_loses_no_attempt(
    server: Postgres, api: Served, tmp_path: Path, form: Form
) -> None:
    with working(server.url, tmp_path) as worker:
        await until(lambda: server.execute("SELECT 1 FROM worker"), 20)
        path = api.start_run()
        run = path.rpartition("/")[2]
        for _ in range(form.pick(2, 10)):
            await asyncio.sleep(form.random.uniform(0.3, 1.2))
            await asyncio.to_thread(server.restart)
        took = await ended(server, run, worker)
    attempts = server.execute("SELECT slug, attempt FROM task WHERE run_id = %s", run)
    form.say(tasks=len(attempts), after_s=took)
    assert server.execute("SELECT status FROM run WHERE id = %s", run) == [("succeeded",)]
    assert {attempt for _, attempt in attempts} == {1}, attempts


async def ended(server: Postgres, run: str, worker: subprocess.Popen[bytes]) -> float:
    """Seconds until a run has ended: it may be slow, as a machine is, but not stand still."""
    began = moved = time.monotonic()
    before = None
    while True:
        states = "SELECT completed_at IS NOT NULL, next_seq FROM run WHERE id = %s"
        [(done, now)] = await asyncio.to_thread(server.execute, states, run)
        if done:
            return time.monotonic() - began
        if now != before:
            before, moved = now, time.monotonic()
        assert worker.poll() is None
        assert time.monotonic() - moved < STANDS_S, f"nothing has happened since event {now}"
        await asyncio.sleep(0.05)


async def test_a_process_that_starts_before_its_database_waits_for_it(
    server: Postgres, tmp_path: Path
) -> None:
    server.execute("DELETE FROM worker")
    await asyncio.to_thread(server.stop)
    with working(server.url, tmp_path) as worker:
        log = tmp_path / "worker.log"
        await until(lambda: "database.waiting" in log.read_text(), 20)
        await asyncio.to_thread(server.start)
        await until(lambda: server.execute("SELECT 1 FROM worker"), 20)
        assert worker.poll() is None
