"""Few programs start at a time; what runs already keeps nobody waiting."""

import asyncio
import socket
from pathlib import Path

import pytest

from services.adapters import sandbox
from services.adapters.sandbox import Limits, turns
from services.adapters.sandbox.turns import AT_A_TIME, turn

MANY = AT_A_TIME + 1


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 60.0)


async def test_a_program_is_not_started_before_a_launcher_has_started_its_own() -> None:
    ours, theirs = socket.socketpair()
    begun = asyncio.Event()

    async def last() -> None:
        async with turn():
            begun.set()

    with ours, theirs:
        async with turn() as own:
            others = [turn() for _ in range(AT_A_TIME - 1)]
            for other in others:
                await other.__aenter__()
            with own.until_word_on(ours):
                waiting = asyncio.create_task(last())
                await asyncio.sleep(0.05)
                assert not begun.is_set()
                theirs.send(b"\n")
                await asyncio.wait_for(waiting, 5)
            for other in others:
                await other.__aexit__(None, None, None)


async def take(taken: asyncio.Event) -> None:
    """Have a turn until this is cancelled."""
    async with turn():
        taken.set()
        await asyncio.Event().wait()


async def test_whoever_is_cancelled_keeps_no_turn_whether_it_had_one_or_waited() -> None:
    for _ in range(3):
        signs = [asyncio.Event() for _ in range(MANY)]
        tasks = [asyncio.create_task(take(sign)) for sign in signs]
        await asyncio.sleep(0.01)
        assert [sign.is_set() for sign in signs] == [True] * AT_A_TIME + [False]
        for task in reversed(tasks):
            task.cancel()
        await asyncio.wait(tasks)


async def test_programs_that_run_do_not_keep_others_from_starting(tmp_path: Path) -> None:
    met = f"touch $0; while [ $(ls | wc -l) -lt {MANY} ]; do sleep 0.01; done"
    done = await asyncio.gather(
        *(
            sandbox.run(
                ["sh", "-c", met, f"here{number}"],
                worktree=tmp_path,
                limits=Limits(wall_s=10),
                mode="off",
            )
            for number in range(MANY)
        )
    )
    assert [one.exit_code for one in done] == [0] * MANY
