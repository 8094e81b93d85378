"""What was looked up lately, and by whom at the same time."""

import asyncio

import pytest

from services.recent import Recent

KEY = b"\1"


class Source:
    """Gives values when it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()

    async def find(self) -> int | None:
        """The number of the question, once it is open."""
        self.asked += 1
        number = self.asked
        await self.open.wait()
        return number


def test_a_recent_value_ends_by_a_hint_by_time_and_by_number() -> None:
    recent = Recent[int](60, 2)
    recent.put(b"\1", 1)
    recent.heard("01")
    assert recent.get(b"\1") is None
    for number in range(3):
        recent.put(bytes([number]), number)
    assert [recent.get(bytes([number])) for number in range(3)] == [None, None, 2]
    brief = Recent[int](0, 2)
    brief.put(b"\1", 1)
    assert brief.get(b"\1") is None


async def test_all_who_ask_at_the_same_time_share_one_look_up() -> None:
    recent, source = Recent[int](60, 10), Source()
    asking = [asyncio.create_task(recent.ask(KEY, source.find)) for _ in range(50)]
    await asyncio.sleep(0)
    source.open.set()
    assert await asyncio.gather(*asking) == [1] * 50
    assert (recent.get(KEY), source.asked) == (1, 1)


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    recent, source = Recent[int](60, 10), Source()
    first, second = (asyncio.create_task(recent.ask(KEY, source.find)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.open.set()
    assert await second == 1


async def test_what_was_on_its_way_when_it_changed_is_not_remembered() -> None:
    recent, source = Recent[int](60, 10), Source()
    old = asyncio.create_task(recent.ask(KEY, source.find))
    await asyncio.sleep(0)
    recent.heard(KEY.hex())
    source.open.set()
    assert await recent.ask(KEY, source.find) == 2
    assert await old == 1
    assert recent.get(KEY) == 2


async def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    recent = Recent[int](60, 10)

    async def fail() -> int | None:
        await asyncio.sleep(0)
        raise LookupError

    asking = [asyncio.create_task(recent.ask(KEY, fail)) for _ in range(3)]
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    with pytest.raises(LookupError):
        await recent.ask(KEY, fail)


async def test_nothing_found_is_looked_for_again() -> None:
    recent = Recent[int](60, 10)

    async def nothing() -> int | None:
        return None

    assert await recent.ask(KEY, nothing) is None
    assert recent.get(KEY) is None
