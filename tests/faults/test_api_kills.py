"""Retried requests act once: in parallel, over several API processes, and when those are killed.

`IDEMPOTENCY_KEYS=1000 API_KILLS=100 scripts/test tests/faults/test_api_kills.py` is the long form.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psycopg
import pytest

from db import embedded
from scripts.stack import Stack, free_port
from services.settings import Settings
from tests.stacks import running_with

KEYS = int(os.environ.get("IDEMPOTENCY_KEYS", "50"))
PARALLEL = 20
KILLS = int(os.environ.get("API_KILLS", "10"))
PROJECTS = 20

AT_COMMIT, AT_EFFECT = 4711, 4712
HOLD_UP = f"""
    CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(tg_argv[0]::bigint); RETURN new; END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_for_the_test({AT_COMMIT});
    CREATE TRIGGER at_effect BEFORE INSERT ON event
        FOR EACH ROW EXECUTE FUNCTION wait_for_the_test({AT_EFFECT});
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
LOSE_CLAIMS = "UPDATE idempotency_key SET lease_until = now() WHERE status IS NULL"
UPDATES = "SELECT project_id FROM event WHERE type = 'project.updated' AND project_id = ANY(%s)"


@dataclass
class Site:
    """Two API processes, a tenant's projects, and the database's owner."""

    stack: Stack
    owner: psycopg.Connection
    http: aiohttp.ClientSession
    projects: list[str]

    async def patch(self, project: str, key: str) -> tuple[int, bytes, bool]:
        """One attempt: status, body, and whether it is a replay."""
        request = self.http.patch(
            f"{self.stack.base_url}/projects/{project}",
            json={"description": f"As {key} wants it."},
            headers={"Idempotency-Key": key},
        )
        async with request as answer:
            return answer.status, await answer.read(), "Idempotency-Replayed" in answer.headers

    async def insist(self, project: str, key: str) -> tuple[bytes, bool]:
        """The body of the success that is sure to come, and whether it is a replay."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(aiohttp.ClientError):
                status, body, replayed = await self.patch(project, key)
                if status == 200:
                    return body, replayed
                assert status == 503 or (status == 409 and b"IDEMPOTENCY_IN_FLIGHT" in body), body
            await asyncio.sleep(0.02)
        raise AssertionError(f"{key} found no end")

    def kill(self) -> None:
        """Kill all processes that answer requests; their parent starts others."""
        parent = self.stack.processes[0].pid
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    def updates(self) -> Counter[str]:
        """How often each project was changed."""
        rows = self.owner.execute(UPDATES.encode(), (self.projects,)).fetchall()
        return Counter(str(project) for (project,) in rows)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)

    def waiting(self) -> int:
        """How many transactions wait for the test."""
        (number,) = self.owner.execute(WAITING.encode()).fetchone() or (0,)
        return int(number)

    @contextlib.contextmanager
    def held_up(self, moment: int) -> Iterator[None]:
        """Hold up every transaction at a moment of its life."""
        self.owner.execute("SELECT pg_advisory_lock(%s)", (moment,))
        try:
            yield
        finally:
            self.owner.execute("SELECT pg_advisory_unlock(%s)", (moment,))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The API in two processes; a trigger lets the tests hold transactions up."""
    folder = tmp_path_factory.mktemp("site") / "data"
    settings = Settings(data_dir=folder, port=free_port("127.0.0.1"))
    with running_with({"PRAZIUM_API_PROCESSES": "2"}, settings, workers=0) as started:
        yield started


@pytest.fixture(scope="module")
def owner(stack: Stack) -> Iterator[psycopg.Connection]:
    """The database's owner."""
    with (
        embedded.server(stack.data_dir / "postgres") as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute(HOLD_UP.encode())
        yield connection


@pytest.fixture
async def site(stack: Stack, owner: psycopg.Connection) -> AsyncIterator[Site]:
    """New projects of a tenant."""
    headers = {"Authorization": f"Bearer {stack.key}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        projects = []
        for _ in range(PROJECTS):
            new = {"name": str(uuid4()), "description": "A shop."}
            async with http.post(f"{stack.base_url}/projects", json=new) as answer:
                projects.append((await answer.json())["data"]["id"])
        yield Site(stack, owner, http, projects)


async def test_parallel_requests_with_one_key_act_once_and_get_one_answer(site: Site) -> None:
    keys = [(site.projects[n % PROJECTS], str(uuid4())) for n in range(KEYS)]
    for project, key in keys:
        answers = await asyncio.gather(*(site.insist(project, key) for _ in range(PARALLEL)))
        assert len({body for body, _ in answers}) == 1
        assert sum(not replayed for _, replayed in answers) == 1
    assert site.updates() == Counter(project for project, _ in keys)


async def test_an_api_killed_between_commit_and_reply_has_acted_once(site: Site) -> None:
    keys = [(site.projects[n % PROJECTS], str(uuid4())) for n in range(KILLS)]
    for project, key in keys:
        with site.held_up(AT_COMMIT):
            lost = asyncio.create_task(site.patch(project, key))
            await site.until(site.waiting)
            site.kill()
            with pytest.raises(aiohttp.ClientError):
                await lost
        (_, first), (_, second) = [await site.insist(project, key) for _ in range(2)]
        assert first and second
    assert site.updates() == Counter(project for project, _ in keys)


async def test_an_api_killed_before_the_commit_has_not_acted(site: Site) -> None:
    project, key = site.projects[0], str(uuid4())
    with site.held_up(AT_EFFECT):
        lost = asyncio.create_task(site.patch(project, key))
        await site.until(site.waiting)
        site.kill()
        with pytest.raises(aiohttp.ClientError):
            await lost
    assert site.updates() == Counter()
    status, body, _ = await until_reached(site, project, key)
    assert (status, b"IDEMPOTENCY_IN_FLIGHT" in body) == (409, True)
    site.owner.execute(LOSE_CLAIMS.encode())
    _, replayed = await site.insist(project, key)
    assert not replayed
    assert site.updates() == Counter([project])


async def until_reached(site: Site, project: str, key: str) -> tuple[int, bytes, bool]:
    """The first answer after the processes were killed."""
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            return await site.patch(project, key)
        await asyncio.sleep(0.02)


async def test_apis_killed_at_random_moments_act_once_for_each_key(site: Site) -> None:
    dice, killing = random.Random(7), asyncio.Event()
    done: list[str] = []

    async def insist_on_many() -> None:
        while not killing.is_set():
            project, key = dice.choice(site.projects), str(uuid4())
            first, again = [await site.insist(project, key) for _ in range(2)]
            assert first[0] == again[0]
            assert again[1]
            done.append(project)

    clients = [asyncio.create_task(insist_on_many()) for _ in range(8)]
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.3, 0.6))
        site.kill()
        # Their claims end now, not in ten seconds; and so do those of their successors, at work.
        site.owner.execute(LOSE_CLAIMS.encode())
    killing.set()
    await asyncio.gather(*clients)
    assert len(done) > KILLS
    assert site.updates() == Counter(done)
