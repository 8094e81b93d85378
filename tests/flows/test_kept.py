"""What is written is seen: by the other process at once, from the worker and other hosts soon."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from db import embedded
from scripts.stack import Stack, child, free_port
from services.settings import Settings
from tests.redis_server import RedisServer, redis_server
from tests.stacks import running_with

HOST = "127.0.0.1"
ROUNDS = 200
SOON_S = 1.0
"""Far below the 5 s for which an answer is kept."""
PATIENCE_S = 30.0
ENDED = ("succeeded", "failed", "skipped", "cancelled")


@dataclass(frozen=True)
class Server:
    """An API; each request has a connection of its own, so that any of its processes answers."""

    http: httpx.Client

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """The data of a success."""
        answer = self.http.request(method, path, **request)
        answer.raise_for_status()
        return answer.json()["data"]

    def new_project(self, name: str) -> str:
        """The path of a new project."""
        body = {"name": name, "description": "A library with books and loans."}
        return f"/projects/{self.ask('POST', '/projects', json=body)['id']}"


def server(url: str, key: str) -> Server:
    """A server with a client that keeps no connection."""
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_keepalive_connections=0)
    return Server(httpx.Client(base_url=url, headers=headers, limits=limits))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Two API processes and a worker, without Redis."""
    more = {"PRAZIUM_API_PROCESSES": "2", "PRAZIUM_METRICS_PORT": str(free_port(HOST))}
    with tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder) / "data", port=free_port(HOST))
        with running_with(more, settings, workers=1) as started:
            yield started


@pytest.fixture(scope="module")
def api(stack: Stack) -> Server:
    """The two processes behind one port."""
    return server(stack.base_url, stack.key)


def test_a_change_is_seen_at_once_by_both_processes(api: Server, stack: Stack) -> None:
    path = api.new_project("Seen")
    number, deadline = 0, time.monotonic() + PATIENCE_S
    with ThreadPoolExecutor(8) as pool:
        while number < ROUNDS or answering(stack) < 2:
            assert time.monotonic() < deadline, "one process has answered everything"
            number += 1
            api.ask("PATCH", path, json={"name": f"Seen {number}"})
            shown = pool.map(lambda _: api.ask("GET", path)["name"], range(8))
            assert set(shown) == {f"Seen {number}"}


def answering(stack: Stack) -> int:
    """How many processes have looked for a kept answer, by the figures they have written."""
    figures = list((stack.data_dir / "metrics").rglob("*.json"))
    return sum(b"prazium_cache_reads_total" in file.read_bytes() for file in figures)


def test_the_progress_of_a_run_is_seen_while_a_worker_makes_it(api: Server) -> None:
    project = api.new_project("Progress")
    for step, body in (("clarify", None), ("answers", {"answers": []}), ("approve", None)):
        api.ask("POST", f"{project}/{step}", json=body)
    run = f"{project}/runs/{api.ask('POST', f'{project}/runs')['id']}"

    def ended() -> int:
        return sum(task["status"] in ENDED for task in api.ask("GET", f"{run}/tasks"))

    happened, deadline = 0, time.monotonic() + PATIENCE_S
    while happened < 5:
        assert time.monotonic() < deadline
        ended()  # so that an answer is kept when the next task ends
        events = api.ask("GET", f"{run}/events")
        happened = sum(event["eventType"] == "TASK_COMPLETED" for event in events)
        soon(lambda least=happened: ended() >= least)
    soon(lambda: api.ask("GET", run)["status"] != "pending")
    api.ask("POST", f"{run}/cancel")


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A server."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def hosts(stack: Stack, redis: RedisServer) -> Iterator[list[Server]]:
    """Two APIs that share the database and Redis, but no memory."""
    log = stack.data_dir / "hosts.log"
    with contextlib.ExitStack() as opened:
        url = opened.enter_context(embedded.server(stack.data_dir / "postgres"))
        made, processes = [], []
        for _ in range(2):
            port = free_port(HOST)
            given = {
                "PRAZIUM_DATABASE_URL": url,
                "PRAZIUM_DATA_DIR": str(stack.data_dir),
                "PRAZIUM_PORT": str(port),
                "PRAZIUM_REDIS_URL": redis.url,
                "PRAZIUM_DRAIN_NOTICE": "0",
            }
            processes.append(opened.enter_context(child(["serve"], os.environ | given, log)))
            made.append(server(f"http://{HOST}:{port}/v1", stack.key))
        for one in made:
            soon(lambda one=one: health(one) is not None, log)
        yield made
        for process in processes:
            process.terminate()  # both at once


def health(server: Server) -> Any:
    """The answer to a look at its health, or None."""
    with contextlib.suppress(httpx.TransportError):
        return server.http.get("/health").json()
    return None


def test_a_change_on_one_host_is_seen_on_it_at_once_and_on_the_other_soon(
    hosts: list[Server],
) -> None:
    path = hosts[0].new_project("Hosts")
    for number in range(40):
        here, elsewhere = hosts[number % 2], hosts[1 - number % 2]
        here.ask("PATCH", path, json={"name": f"Hosts {number}"})
        assert here.ask("GET", path)["name"] == f"Hosts {number}"
        soon(lambda it=elsewhere, name=f"Hosts {number}": it.ask("GET", path)["name"] == name)


def test_what_one_host_has_read_the_other_takes_from_redis(
    hosts: list[Server], redis: RedisServer
) -> None:
    path = hosts[0].new_project("Taken")
    hosts[0].ask("GET", path)
    before = redis.client.info("stats")["keyspace_hits"]
    time.sleep(0.1)
    hosts[1].ask("GET", path)
    assert redis.client.info("stats")["keyspace_hits"] - before == 2  # generation and entry


def test_health_tells_of_redis_and_requests_do_without_it(
    hosts: list[Server], redis: RedisServer
) -> None:
    one, two = hosts
    path = one.new_project("Without")
    assert health(one)["components"]["redis"] == "healthy"
    redis.kill()
    try:
        for number in range(10):
            one.ask("PATCH", path, json={"name": f"Without {number}"})
            assert one.ask("GET", path)["name"] == f"Without {number}"
            soon(lambda number=number: two.ask("GET", path)["name"] == f"Without {number}")
        told = health(one)
        assert (told["status"], told["components"]["redis"]) == ("degraded", "unhealthy")
        assert "Redis" in told["warnings"][-1]
    finally:
        redis.start()
    soon(lambda: health(one)["components"]["redis"] == "healthy", seconds=5)
    one.ask("PATCH", path, json={"name": "Back"})
    soon(lambda: two.ask("GET", path)["name"] == "Back")


def soon(condition: Any, log: Path | None = None, seconds: float | None = None) -> None:
    """Wait until something is so, for a second; for the start of a server longer."""
    deadline = time.monotonic() + (seconds or (PATIENCE_S if log else SOON_S))
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-2000:] if log else "not soon"
        time.sleep(0.01)
