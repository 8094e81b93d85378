"""Jobs of kind command in the real sandbox."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generated.models import CommandJobInput, CommandJobResult
from services.adapters.sandbox import bubblewrap
from services.context import App
from services.engine.retry import TaskFailed
from services.job_kinds.command import command
from tests.needs import needs_bubblewrap
from tests.services.job_kinds.conftest import MakeApp
from tests.services.test_sandbox import living, until

pytestmark = needs_bubblewrap


@pytest.fixture
def app(make_app: MakeApp) -> App:
    """An installation that allows some programs."""
    return make_app(job_commands="sh, python3,cat,nowhere-to-be-found")


async def run(app: App, *words: str, **given: Any) -> CommandJobResult:
    """Run a program as a job."""
    return await command(app, msgspec.convert({"command": words, **given}, CommandJobInput), "t")


async def failure(app: App, *words: str, **given: Any) -> TaskFailed:
    """How the job fails."""
    with pytest.raises(TaskFailed) as failed:
        await run(app, *words, **given)
    return failed.value


async def test_a_program_reads_its_input_and_its_outputs_come_back_apart(app: App) -> None:
    done = await run(app, "sh", "-c", "cat; echo note >&2", stdin="héllo\n")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "héllo\n", "note\n")
    assert not done.truncated


async def test_no_shell_reads_the_arguments(app: App) -> None:
    done = await run(app, "python3", "-c", "import sys; print(sys.argv[1:])", "$HOME", "; ls", "")
    assert done.stdout == "['$HOME', '; ls', '']\n"


@pytest.mark.parametrize("words", [["ls"], ["sh "], ["Sh"], ["sh,python3"]])
async def test_a_program_that_is_not_named_is_refused(app: App, words: list[str]) -> None:
    failed = await failure(app, *words)
    assert (failed.failure.code, failed.retryable) == ("COMMAND_NOT_ALLOWED", False)
    assert "cat, nowhere-to-be-found, python3, sh" in failed.failure.message


async def test_by_default_no_program_is_allowed(make_app: MakeApp) -> None:
    failed = await failure(make_app(), "sh", "-c", "true")
    assert failed.failure.code == "COMMAND_NOT_ALLOWED"
    assert "There are none." in failed.failure.message


async def test_a_program_that_is_named_and_missing_is_told(app: App) -> None:
    assert (await failure(app, "nowhere-to-be-found")).failure.code == "COMMAND_MISSING"


async def test_an_exit_code_is_a_failure_with_the_end_of_standard_error(app: App) -> None:
    script = "seq 1 9999 >&2; echo no such order >&2; exit 3"
    failed = await failure(app, "sh", "-c", script)
    assert (failed.failure.code, failed.retryable) == ("COMMAND_FAILED", True)
    assert failed.failure.message.startswith("The program ended with exit code 3: ")
    assert failed.failure.message.endswith("9999\nno such order")
    assert len(failed.failure.message) < 2100


async def test_there_is_no_network(app: App) -> None:
    code = "import socket; socket.create_connection(('1.1.1.1', 80), 2)"
    assert "unreachable" in (await failure(app, "python3", "-c", code)).failure.message


async def test_the_environment_is_what_was_given(app: App) -> None:
    done = await run(app, "sh", "-c", "env | sort", env={"TOKEN": "a b=c", "Z": ""})
    names = [line.partition("=")[0] for line in done.stdout.splitlines()]
    assert "TOKEN=a b=c" in done.stdout.splitlines()
    assert set(names) <= {"HOME", "LANG", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "TOKEN", "Z"}


async def test_a_variable_reaches_nothing_outside_the_sandbox(app: App, tmp_path: Path) -> None:
    traces = tmp_path / "trace"
    given = {"LD_DEBUG": "all", "LD_DEBUG_OUTPUT": str(traces)}
    await run(app, "sh", "-c", "true", env=given)
    assert not list(tmp_path.glob("trace*"))


async def test_a_variable_cannot_choose_another_program_of_that_name(app: App) -> None:
    done = await run(app, "cat", stdin="real", env={"PATH": "/tmp"})
    assert done.stdout == "real"


async def test_output_over_a_mebibyte_is_cut_and_says_so(app: App) -> None:
    done = await run(app, "sh", "-c", "head -c 2000000 /dev/zero | tr '\\0' x")
    assert (len(done.stdout), done.truncated) == (1024 * 1024, True)


async def test_bytes_that_cannot_be_stored_are_replaced(app: App) -> None:
    done = await run(app, "sh", "-c", "printf 'a\\000\\377\\033b\\tc\\r\\n'")
    assert done.stdout == "a\ufffd\ufffd\ufffdb\tc\r\n"


async def test_a_program_over_its_time_is_killed_with_its_children(app: App) -> None:
    marker = f"30.{os.getpid()}1"
    began = time.monotonic()
    script = f"echo begun >&2; setsid sleep {marker} & trap '' TERM; sleep {marker}"
    failed = await failure(app, "sh", "-c", script, timeoutSeconds=1)
    assert (failed.failure.code, failed.retryable) == ("COMMAND_TIMED_OUT", True)
    assert failed.failure.message == "The program was killed after 1 s: begun"
    assert time.monotonic() - began < 4
    assert not living(marker)


async def test_a_cancelled_job_leaves_no_process_and_no_folder(app: App) -> None:
    marker = f"30.{os.getpid()}2"
    job = asyncio.create_task(run(app, "sh", "-c", f"setsid sleep {marker} & sleep {marker}"))
    assert await until(lambda: living(marker))
    began = time.monotonic()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    # Two seconds on a quiet machine; thirty if nobody killed them.
    assert time.monotonic() - began < 10
    assert not living(marker)
    assert not list((app.settings.data_dir / "jobs").iterdir())


async def test_too_much_memory_is_a_failure(app: App) -> None:
    failed = await failure(app, "python3", "-c", "a = [bytes(10**8) for _ in range(50)]")
    assert failed.failure.code in ("COMMAND_KILLED", "COMMAND_FAILED")


async def test_a_flood_of_output_is_a_failure_for_good(app: App) -> None:
    failed = await failure(app, "cat", "/dev/zero")
    assert (failed.failure.code, failed.retryable) == ("COMMAND_KILLED", False)


async def test_the_folder_of_a_killed_worker_is_removed_later(app: App) -> None:
    lost = app.settings.data_dir / "jobs" / "lost"
    young = app.settings.data_dir / "jobs" / "young"
    for folder in (lost, young):
        folder.mkdir(parents=True)
    os.utime(lost, (0, time.time() - 3 * 3600))
    await run(app, "sh", "-c", "true")
    assert (lost.exists(), young.exists()) == (False, True)


async def test_without_a_sandbox_nothing_runs(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "_hardening", lambda: None)
    failed = await failure(make_app(job_commands="sh"), "sh", "-c", "true")
    assert failed.failure.code == "SANDBOX_MISSING"


async def test_resource_limits_alone_are_enough_where_that_is_wanted(make_app: MakeApp) -> None:
    done = await run(make_app(job_commands="cat", sandbox="off"), "cat", stdin="a")
    assert done.stdout == "a"
