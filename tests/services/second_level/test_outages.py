"""A second level that is slow, away, full or back: what it costs, and what is never shown."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from services import cache
from services.adapters import redis_cache
from tests.redis_server import RedisServer
from tests.services.second_level.conftest import Process

SLACK_S = 0.4
"""By how much a busy machine may be late."""


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
    await one.back()
    await one.keep("ten_2", "k", b"after")
    one.cache.heard("ten_2")
    assert await one.look("ten_2", "k") == b"after"


async def test_a_process_that_stood_still_itself_does_not_blame_the_server(
    one: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_cache, "LIMIT_S", 0.4)
    await one.keep("ten_1", "k")
    one.cache.heard("ten_1")
    asked = [asyncio.create_task(one.look("ten_1", "k")) for _ in range(10)]
    await asyncio.sleep(0)
    time.sleep(0.5)  # noqa: ASYNC251 - as a collection of garbage does
    assert await asyncio.gather(*asked) == [b"{}"] * 10


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
        await process.back()
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
        await one.back()
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
        await process.back()
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
