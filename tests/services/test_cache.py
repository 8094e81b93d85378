"""What a process keeps of its answers."""

import asyncio

import pytest

from services import cache
from services.cache import OVERHEAD, Cache, Entry, Generations


@pytest.fixture
def generations() -> Generations:
    """Numbers that two caches share."""
    return Generations()


@pytest.fixture
def kept(generations: Generations) -> Cache:
    """A cache that hears of changes."""
    made = Cache(generations, 1024 * 1024)
    made.regained()
    return made


async def keep(kept: Cache, tenant: str, key: str, content: bytes = b"{}") -> Entry:
    """Keep an answer as a read does."""
    return kept.put(await kept.note(tenant, key), content)


async def test_an_answer_is_kept_for_its_tenant_alone(kept: Cache) -> None:
    await keep(kept, "ten_1", "/projects?")
    assert kept.get("ten_1", "/projects?") is not None
    assert kept.get("ten_2", "/projects?") is None


async def test_a_write_ends_what_is_kept_for_the_tenant(kept: Cache) -> None:
    await keep(kept, "ten_1", "/projects?")
    await keep(kept, "ten_2", "/projects?")
    kept.heard("ten_1")
    assert kept.get("ten_1", "/projects?") is None
    assert kept.get("ten_2", "/projects?") is not None


async def test_a_write_in_another_process_ends_it_too(
    kept: Cache, generations: Generations
) -> None:
    await keep(kept, "ten_1", "/projects?")
    Cache(generations, 0).heard("ten_1")
    assert kept.get("ten_1", "/projects?") is None


async def test_an_answer_that_was_read_before_a_write_is_not_kept_after_it(kept: Cache) -> None:
    note = await kept.note("ten_1", "/projects?")
    kept.heard("ten_1")
    kept.put(note, b"{}")
    assert kept.get("ten_1", "/projects?") is None


async def test_nothing_is_kept_while_changes_are_not_heard(kept: Cache) -> None:
    await keep(kept, "ten_1", "/projects?")
    kept.lost()
    assert kept.get("ten_1", "/projects?") is None
    await keep(kept, "ten_1", "/projects?")
    kept.regained()
    assert kept.get("ten_1", "/projects?") is None


async def test_what_was_missed_ends_everything(kept: Cache) -> None:
    await keep(kept, "ten_1", "/projects?")
    kept.lost()
    kept.regained()
    assert kept.get("ten_1", "/projects?") is None


async def test_an_answer_is_kept_no_longer_than_its_time(
    kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "TTL_S", 0.01)
    await keep(kept, "ten_1", "/projects?")
    await asyncio.sleep(0.02)
    assert kept.get("ten_1", "/projects?") is None


async def test_the_least_used_goes_first(generations: Generations) -> None:
    small = Cache(generations, 2 * (OVERHEAD + 15))
    small.regained()
    for key in ("a", "b"):
        await keep(small, "ten_1", key)
    small.get("ten_1", "a")
    await keep(small, "ten_1", "c")
    assert [key for key in "abc" if small.get("ten_1", key)] == ["a", "c"]


async def test_a_large_answer_is_tagged_but_not_kept(kept: Cache) -> None:
    entry = await keep(kept, "ten_1", "k", b" " * (cache.MAX_ENTRY + 1))
    assert entry.etag.startswith('"')
    assert kept.get("ten_1", "k") is None


async def test_without_memory_nothing_is_kept(generations: Generations) -> None:
    none = Cache(generations, 0)
    none.regained()
    await keep(none, "ten_1", "k")
    assert none.get("ten_1", "k") is None


async def test_the_same_bytes_have_the_same_tag(kept: Cache) -> None:
    tags = [(await keep(kept, "t", "k", content)).etag for content in (b"a", b"a", b"b")]
    assert tags[0] == tags[1] != tags[2]


async def test_what_a_slow_read_found_is_kept_no_longer(
    kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "TTL_S", 0.01)
    note = await kept.note("ten_1", "k")
    await asyncio.sleep(0.02)
    kept.put(note, b"{}")
    assert kept.get("ten_1", "k") is None


async def test_hits_and_misses_are_counted(kept: Cache) -> None:
    kept.get("ten_1", "k")
    await keep(kept, "ten_1", "k")
    kept.get("ten_1", "k")
    kept.get("ten_1", "k")
    assert kept.counts == {("process", "miss"): 1, ("process", "hit"): 2}


async def test_a_long_query_takes_its_room_too(kept: Cache) -> None:
    for number in range(200):
        await keep(kept, "ten_1", f"/projects?{number}{'&' * 16_000}")
    assert sum(map(len, (key for _, key in kept._entries))) <= 1024 * 1024
