"""What the second level gives, in a real server."""

import asyncio
import subprocess
import sys
import time

import pytest

from services import cache
from services.adapters import redis_cache
from services.settings import Settings, SettingsInvalid
from tests.redis_server import RedisServer, redis_server
from tests.services.second_level.conftest import Process


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


async def test_a_copy_that_was_asked_for_before_a_write_is_not_kept_after_it(one: Process) -> None:
    await one.keep("ten_1", "k", b"old")
    one.cache.heard("ten_1")
    asking = asyncio.create_task(one.cache.note("ten_1", "k"))
    await asyncio.sleep(0)
    one.cache.heard("ten_1")
    note = await asking
    assert note.found is not None
    assert one.cache.get("ten_1", "k") is None
    one.cache.put(note, b"old")
    assert one.cache.get("ten_1", "k") is None


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


async def test_answers_are_not_mixed_up_after_cancelled_questions(
    one: Process, two: Process
) -> None:
    for number in range(20):
        await one.keep(f"ten_{number}", "k", f"of {number}".encode())
    found = 0
    for turn in range(20):
        asked = [asyncio.create_task(two.look(f"ten_{number}", "k")) for number in range(20)]
        await asyncio.sleep(0.0002 * turn)
        for task in asked[::2]:
            task.cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for number, answer in enumerate(answers):
            found += answer == f"of {number}".encode()
            # None: a busy machine was later than the second level may be, or than entries live.
            assert isinstance(answer, asyncio.CancelledError) or answer in (
                None,
                f"of {number}".encode(),
            )
            two.cache.heard(f"ten_{number}")
    assert found


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
