"""The second level in a real server: what it gives, and what it never does."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from services import cache
from services.adapters import redis_cache
from services.adapters.redis_cache import RedisCache
from services.cache import Cache, Entry, Generations
from services.settings import Settings, SettingsInvalid
from tests.redis_server import RedisServer, redis_server

MIB = 1024 * 1024
PATIENCE_S = 5
SLACK_S = 0.4
"""By how much a busy machine may be late."""


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    """A server."""
    with redis_server() as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> RedisServer:
    """The server, empty."""
    running.empty()
    return running


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost server is tried again soon."""
    monkeypatch.setattr(redis_cache, "RETRY_S", 0.05)


class Process:
    """What an API process has of the cache."""

    def __init__(self, url: str, generations: Generations | None = None) -> None:
        self.generations = generations or Generations()
        self.shared = RedisCache(url)
        self.cache = Cache(self.generations, MIB, self.shared)
        self.cache.regained()

    async def look(self, tenant: str, key: str) -> bytes | None:
        """What is kept, here or there."""
        entry = self.cache.get(tenant, key) or (await self.cache.note(tenant, key)).found
        return entry.content if entry else None

    async def keep(self, tenant: str, key: str, content: bytes = b"{}") -> Entry:
        """Keep an answer as a read does; it has arrived when this returns."""
        entry = self.cache.put(await self.cache.note(tenant, key), content)
        await asyncio.gather(*self.shared._storing)
        return entry

    async def write(self, tenant: str) -> None:
        """Change something, as `tenant_transaction` does."""
        await self.cache.changed(tenant)
        self.cache.heard(tenant)


@pytest.fixture
async def one(server: RedisServer) -> AsyncIterator[Process]:
    """A process."""
    made = Process(server.url)
    await made.shared.open()
    yield made
    await made.shared.close()


@pytest.fixture
async def two(server: RedisServer) -> AsyncIterator[Process]:
    """A process on another host: no memory is shared."""
    made = Process(server.url)
    await made.shared.open()
    yield made
    await made.shared.close()


@pytest.fixture
async def sibling(server: RedisServer, one: Process) -> AsyncIterator[Process]:
    """A process that was forked from the one that `one` was forked from."""
    made = Process(server.url, one.generations)
    await made.shared.open()
    yield made
    await made.shared.close()


async def back(process: Process) -> None:
    """Wait until the server is asked again."""
    deadline = time.monotonic() + PATIENCE_S
    while not await process.shared.answers():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ["redis", "valkey"])
async def test_either_kind_of_server_keeps_and_ends_what_is_read(kind: str) -> None:
    with redis_server(kind) as server:
        one, two = Process(server.url), Process(server.url)
        await one.keep("ten_1", "k", b"first")
        assert await two.look("ten_1", "k") == b"first"
        two.cache.heard("ten_1")
        assert await two.look("ten_1", "k") == b"first"
        two.cache.heard("ten_1")
        await one.write("ten_1")
        assert await two.look("ten_1", "k") is None
        await one.keep("ten_1", "k", b"second")
        server.client.config_set("maxmemory", 1)
        await one.write("ten_1")
        assert await two.look("ten_1", "k") is None
        for process in (one, two):
            await process.shared.close()


async def test_what_one_process_has_read_another_finds(one: Process, two: Process) -> None:
    entry = await one.keep("ten_1", "k", b"content")
    found = (await two.cache.note("ten_1", "k")).found
    assert found is not None
    assert (found.content, found.etag) == (entry.content, entry.etag)
    assert two.cache.get("ten_1", "k") == found


async def test_a_write_ends_it_everywhere_before_any_hint(one: Process, two: Process) -> None:
    await one.keep("ten_1", "k")
    await one.keep("ten_2", "k")
    await one.write("ten_1")
    assert await two.look("ten_1", "k") is None
    assert await two.look("ten_2", "k") == b"{}"


async def test_the_first_read_after_a_write_is_kept(one: Process, two: Process) -> None:
    await one.write("ten_1")
    await one.keep("ten_1", "k", b"new")
    assert await two.look("ten_1", "k") == b"new"


async def test_what_was_read_before_a_write_is_found_by_nobody(one: Process, two: Process) -> None:
    note = await one.cache.note("ten_1", "k")
    await two.write("ten_1")
    one.cache.put(note, b"old")
    await asyncio.sleep(0.05)
    assert await two.look("ten_1", "k") is None


async def test_what_one_could_not_be_sure_of_is_no_base_to_keep_on(
    one: Process, two: Process, server: RedisServer
) -> None:
    """Its generation was lost before it read; one that came later says nothing of what it read."""
    note = await one.cache.note("ten_1", "k")
    server.client.flushall()
    await two.cache.note("ten_1", "k")
    one.cache.put(note, b"old")
    await asyncio.sleep(0.05)
    assert await two.look("ten_1", "k") is None


async def test_two_tenants_with_one_key_do_not_meet(one: Process, two: Process) -> None:
    await one.keep("ten_1", "k", b"first")
    await one.keep("ten_2", "k", b"second")
    assert await two.look("ten_1", "k") == b"first"
    assert await two.look("ten_2", "k") == b"second"
    assert await two.look("ten_3", "k") is None


async def test_an_entry_in_the_place_of_another_is_not_taken(
    one: Process, two: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k", b"secret of the first")
    name = redis_cache.entry_of("ten_1", cache.place_of("ten_1", "k"))
    stolen = redis_cache.entry_of("ten_2", cache.place_of("ten_2", "k"))
    server.client.copy(name, stolen)
    for change in (redis_cache.generation_of("ten_1"), redis_cache.generation_of("ten_2")):
        server.client.set(change, server.client.get(redis_cache.generation_of("ten_1")))
    assert await two.look("ten_1", "k") == b"secret of the first"
    assert await two.look("ten_2", "k") is None


@pytest.mark.parametrize("data", [b"", b"short", b"\0" * 40 + b"{}", b"x" * 200])
async def test_what_is_no_entry_is_a_miss(one: Process, server: RedisServer, data: bytes) -> None:
    await one.cache.note("ten_1", "k")
    server.client.set(redis_cache.entry_of("ten_1", cache.place_of("ten_1", "k")), data)
    assert await one.look("ten_1", "k") is None


async def test_a_lost_generation_ends_what_was_read_under_it(
    one: Process, two: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k")
    server.client.delete(redis_cache.generation_of("ten_1"))
    assert await two.look("ten_1", "k") is None
    assert await two.look("ten_1", "k") is None


async def test_an_emptied_server_is_filled_again(
    one: Process, two: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k")
    server.client.flushall()
    assert await two.look("ten_1", "k") is None
    await one.keep("ten_1", "k", b"again")
    assert await two.look("ten_1", "k") == b"again"


async def test_everything_there_has_an_end(one: Process, server: RedisServer) -> None:
    await one.keep("ten_1", "k")
    await one.write("ten_2")
    lives = {name: server.client.pttl(name) for name in server.client.scan_iter()}
    assert len(lives) == 3
    entry = redis_cache.entry_of("ten_1", cache.place_of("ten_1", "k")).encode()
    assert 0 < lives.pop(entry) <= cache.TTL_S * 1000
    assert all(0 < life <= redis_cache.GENERATION_S * 1000 for life in lives.values())


async def test_an_old_entry_is_refused_whatever_the_server_thinks_of_its_age(
    one: Process, two: Process, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "TTL_S", 0.3)
    await one.keep("ten_1", "k")
    server.client.persist(redis_cache.entry_of("ten_1", cache.place_of("ten_1", "k")))
    assert await two.look("ten_1", "k") == b"{}"
    await asyncio.sleep(0.3)
    assert await two.look("ten_1", "k") is None


async def test_a_copy_ends_when_the_original_does(
    one: Process, two: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await one.keep("ten_1", "k")
    await asyncio.sleep(0.05)
    copy = (await two.cache.note("ten_1", "k")).found
    assert copy is not None
    assert copy.until == pytest.approx(entry.until, abs=0.02)


async def test_an_answer_from_the_future_is_refused(
    one: Process, two: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = await one.cache.note("ten_1", "k")
    ahead = time.time() + 2
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: ahead)
        one.cache.put(note, b"{}")
    await asyncio.sleep(0.05)
    assert await two.look("ten_1", "k") is None


async def test_a_client_that_wants_it_fresh_can_keep_what_it_read(one: Process) -> None:
    await one.keep("ten_1", "k", b"old")
    assert (await one.keep("ten_1", "k", b"new")).content == b"new"
    assert await one.look("ten_1", "k") == b"new"


async def test_a_large_answer_is_not_sent(one: Process, server: RedisServer) -> None:
    await one.keep("ten_1", "k", b" " * (cache.MAX_ENTRY + 1))
    assert server.client.dbsize() == 1


async def test_a_full_server_ends_what_it_has_and_is_logged_once(
    one: Process, two: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k", b"old")
    server.client.config_set("maxmemory", 1)
    with capture_logs() as logs:
        await one.write("ten_1")
        for number in range(5):
            assert await two.look("ten_1", f"k{number}") is None
            await one.keep("ten_1", f"k{number}", b"new")
        assert await two.look("ten_1", "k") is None
    assert [line["event"] for line in logs] == ["cache.refused"] * 2  # one for each process
    server.client.config_set("maxmemory", 0)
    await asyncio.sleep(0.06)
    await one.keep("ten_1", "k", b"kept")
    await one.keep("ten_1", "k", b"kept")
    assert await two.look("ten_1", "k") == b"kept"
    assert not one.shared.refuses


async def test_a_server_that_hangs_costs_one_short_wait_and_one_line(
    one: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k")
    server.pause()
    try:
        with capture_logs() as logs:
            one.cache.heard("ten_1")
            began = time.monotonic()
            asked = [one.look("ten_1", f"k{number}") for number in range(50)]
            assert await asyncio.gather(*asked) == [None] * 50
            assert time.monotonic() - began < redis_cache.LIMIT_S + SLACK_S
            await asyncio.sleep(3 * redis_cache.RETRY_S)
            began = time.monotonic()
            for number in range(50):
                assert await one.look("ten_1", f"k{number}") is None
                one.cache.put(await one.cache.note("ten_1", f"k{number}"), b"{}")
                await one.write("ten_1")
            assert time.monotonic() - began < SLACK_S
    finally:
        server.resume()
    assert [(line["event"], line["log_level"]) for line in logs] == [("cache.away", "warning")]
    await back(one)
    await one.keep("ten_2", "k", b"after")
    one.cache.heard("ten_2")
    assert await one.look("ten_2", "k") == b"after"


async def test_a_write_that_did_not_get_through_is_seen_on_its_machine_at_once(
    one: Process,
    two: Process,
    sibling: Process,
    server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And on others when the old answer ends."""
    monkeypatch.setattr(cache, "TTL_S", 1.0)
    monkeypatch.setattr(cache, "SKEW_S", 0.1)
    await two.keep("ten_1", "k", b"old")
    server.client.config_set("requirepass", "changed")
    server.client.client_kill_filter(_type="normal", skipme=True)
    await one.write("ten_1")
    server.client.config_set("requirepass", "")
    for process in (one, sibling, two):
        await back(process)
    assert await one.look("ten_1", "k") is None
    assert await sibling.look("ten_1", "k") is None
    assert await two.look("ten_1", "k") == b"old"
    await asyncio.sleep(1.15)
    assert await two.look("ten_1", "k") is None
    await one.keep("ten_1", "k", b"new")
    assert await two.look("ten_1", "k") == b"new"


async def test_after_a_write_that_was_cancelled_on_its_way_nothing_old_is_taken(
    one: Process, two: Process, server: RedisServer
) -> None:
    await two.keep("ten_1", "k", b"old")
    server.pause()
    try:
        telling = asyncio.create_task(one.cache.changed("ten_1"))
        await asyncio.sleep(0.01)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    finally:
        server.resume()
    assert telling.cancelled()
    one.cache.heard("ten_1")
    await one.look("ten_1", "k")
    assert one.cache.counts["shared", "away"] == 1


async def test_answers_are_not_mixed_up_after_cancelled_questions(
    one: Process, two: Process
) -> None:
    for number in range(20):
        await one.keep(f"ten_{number}", "k", f"of {number}".encode())
    for turn in range(20):
        asked = [asyncio.create_task(two.look(f"ten_{number}", "k")) for number in range(20)]
        await asyncio.sleep(0.0002 * turn)
        for task in asked[::2]:
            task.cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for number, answer in enumerate(answers):
            assert answer == f"of {number}".encode() or isinstance(answer, asyncio.CancelledError)
            two.cache.heard(f"ten_{number}")


async def test_a_killed_server_costs_misses_until_it_is_back(
    one: Process, server: RedisServer
) -> None:
    await one.keep("ten_1", "k")
    server.kill()
    with capture_logs() as logs:
        one.cache.heard("ten_1")
        for _ in range(20):
            assert await one.look("ten_1", "k") is None
            await one.write("ten_1")
        assert not await one.shared.answers()
        await asyncio.sleep(3 * redis_cache.RETRY_S)
        server.start()
        await back(one)
    assert [line["event"] for line in logs] == ["cache.away"]
    await one.keep("ten_2", "k", b"after")
    one.cache.heard("ten_2")
    assert await one.look("ten_2", "k") == b"after"


async def test_a_server_that_is_away_at_the_start_is_found_later(server: RedisServer) -> None:
    server.kill()
    process = Process(server.url)
    with capture_logs() as logs:
        await process.shared.open()
        assert await process.look("ten_1", "k") is None
        server.start()
        await back(process)
    assert [line["event"] for line in logs] == ["cache.away"]
    await process.shared.close()


async def test_a_password_is_used_and_is_in_no_line(server: RedisServer) -> None:
    server.client.config_set("requirepass", "right-horse")
    right, wrong = (
        Process(server.url.replace("//", f"//:{word}-horse@")) for word in ("right", "wrong")
    )
    with capture_logs() as logs:
        for process in (right, wrong):
            await process.shared.open()
    assert [line["event"] for line in logs] == ["cache.away"]
    assert "horse" not in repr(logs) + repr(right.shared) + repr(right.cache)
    assert await right.shared.answers()
    assert not await wrong.shared.answers()
    for process in (right, wrong):
        await process.shared.close()


@pytest.mark.parametrize(
    "url",
    ["localhost:6379", "http://:secret@h", "redis://:secret@h:port", "redis://:secret@h?foo=1"],
)
def test_a_url_that_is_none_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="PRAZIUM_REDIS_URL") as refused:
        redis_cache.check(Settings(redis_url=url))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["rediss://:secret@h:6380/1", "redis://h", "unix:///run/socket"])
def test_a_url_connects_to_nothing_before_the_start(url: str) -> None:
    redis_cache.check(Settings(redis_url=url))


async def test_a_socket_is_as_good_as_a_port(server: RedisServer) -> None:
    process = Process(server.socket_url)
    await process.shared.open()
    assert await process.shared.answers()
    await process.shared.close()


WITHOUT_THE_LIBRARY = """
import os, sys
from scripts import cli, processes
cli.prepared()
assert not [name for name in sys.modules if name.startswith("redis")]
sys.modules["redis"] = None
os.environ["PRAZIUM_REDIS_URL"] = "redis://localhost"
cli.prepared()
"""


def test_the_library_is_imported_only_if_asked_for_and_the_start_says_what_to_install() -> None:
    command = [sys.executable, "-c", WITHOUT_THE_LIBRARY]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "PRAZIUM_REDIS_URL needs the extra redis: pip install 'prazium-server[redis]'."
    )
    assert "Traceback" not in done.stderr


async def test_a_process_that_stood_still_itself_does_not_blame_the_server(one: Process) -> None:
    await one.keep("ten_1", "k")
    one.cache.heard("ten_1")
    asked = [asyncio.create_task(one.look("ten_1", "k")) for _ in range(10)]
    await asyncio.sleep(0)
    time.sleep(3 * redis_cache.LIMIT_S)  # noqa: ASYNC251 - as a collection of garbage does
    assert await asyncio.gather(*asked) == [b"{}"] * 10
