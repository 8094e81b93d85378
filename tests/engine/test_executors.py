"""Both executors keep the contract; and what a process adds."""

import os
from pathlib import Path

import msgspec
import pytest

from services.adapters.child import Child
from services.adapters.sandbox import Limits, Mode, bubblewrap
from services.engine.executors import MAX_RESULT, Executor, InLoop, InProcess, path_of
from services.portable import Attempt
from tests.engine import executor_functions as functions
from tests.engine.executor_contract import ExecutorContract, IsolatedContract, failure, result

LIMITS = Limits(wall_s=20, cpu_s=20, memory_mb=256)
MODE: Mode = "required" if bubblewrap.works() else "off"


class TestInLoop(ExecutorContract):
    """The worker's own loop."""

    @pytest.fixture
    def executor(self) -> Executor:
        return InLoop()


class TestInProcess(IsolatedContract):
    """A process of its own, in the strongest sandbox that there is here."""

    @pytest.fixture
    def executor(self, tmp_path: Path) -> Executor:
        return in_process(tmp_path, MODE, LIMITS)


def in_process(folder: Path, mode: Mode, limits: Limits) -> InProcess:
    """An executor whose folders are here."""
    child = Child(folders=folder / "jobs", limits=limits, mode=mode, max_outcome=MAX_RESULT)
    return InProcess(child.call)


@pytest.fixture
def walled(tmp_path: Path) -> InProcess:
    """The strong form."""
    if not bubblewrap.works():
        pytest.skip("bubblewrap does not work here")
    return in_process(tmp_path, "required", msgspec.structs.replace(LIMITS, wall_s=1))


async def test_a_function_sees_no_network_no_environment_and_no_files(
    walled: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAZIUM_OPENAI_API_KEY", "sk-canary")
    secret = tmp_path / "secret"
    secret.touch()
    found = await result(walled, functions.look_around, secret=str(secret))
    assert (found["network"], found["secret"]) == (False, False)
    assert not [name for name in found["environment"] if name.startswith("PRAZIUM")]


async def test_a_function_that_takes_too_long_is_stopped_and_may_be_tried_again(
    walled: InProcess,
) -> None:
    failed = await failure(walled, functions.compute)
    assert (failed.failure.code, failed.retryable) == ("TIMED_OUT", True)


async def test_nothing_is_left_in_the_folder(walled: InProcess, tmp_path: Path) -> None:
    await result(walled, functions.nothing)
    await failure(walled, functions.die)
    assert list((tmp_path / "jobs").iterdir()) == []


async def test_a_function_without_a_name_of_its_own_is_a_failed_attempt(walled: InProcess) -> None:
    async def inner(attempt: Attempt) -> None: ...

    assert (await failure(walled, inner)).failure.code == "ATTEMPT_CRASHED"


async def test_an_outcome_that_is_a_link_is_not_followed(walled: InProcess) -> None:
    assert (await failure(walled, link_outcome)).failure.code == "ATTEMPT_CRASHED"


async def link_outcome(attempt: Attempt) -> None:
    """Leave a link to what the worker may read in the outcome's place."""
    Path("outcome.json").symlink_to("/etc/passwd")
    os._exit(0)


def test_a_function_is_found_by_its_module() -> None:
    assert path_of(functions.echo) == "tests.engine.executor_functions:echo"
