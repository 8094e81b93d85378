"""Running programs that are not trusted: built applications, their tests, coding agents.

With bubblewrap a program sees a read-only system, no network, no other process and one writable
folder. Without it the same limits hold for time, memory, processes and output, but the program can
read what the product's user can read. Either way the environment is clean and no process survives:
not the program's end, not a cancelled task, not `kill -9` of the product.
"""

import asyncio
import contextlib
import json
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from services.adapters.deletion import delete_folder
from services.adapters.sandbox import bubblewrap

Mode = Literal["auto", "required", "off"]
Kind = Literal["bubblewrap", "rlimits"]

SEARCH_PATH = os.pathsep.join(
    (str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")
)
"""PATH inside the sandbox: the product's interpreter and the system's programs."""

_LAUNCHER = Path(__file__).with_name("launcher.py")
_FLOOD_BYTES = 64 * 1024 * 1024
_ABANDON_AFTER_S = 3.0
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a program may use. Time in seconds; `processes` counts all that run at once.

    `output_kb` is how much of the output's end is kept; a program that writes 64 MiB is killed.
    `cpu_s` and `file_mb` hold for each process and each file, `memory_mb` and `disk_mb` (what
    the worktree may grow by) for all together.
    """

    wall_s: float = 120
    cpu_s: int = 120
    memory_mb: int = 2048
    output_kb: int = 256
    processes: int = 256
    file_mb: int = 256
    disk_mb: int = 1024


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """How a program ended. `exit_code` is None if it was killed, and `killed_for` says why:

    wall_time, cpu_time, memory, processes, disk, output, or sandbox if the sandbox itself failed.
    """

    exit_code: int | None
    output_tail: str
    duration_ms: int
    timed_out: bool
    killed_for: str | None
    sandbox: Kind


class SandboxMissing(Exception):
    """A real sandbox is required and bubblewrap is missing or may not run here."""

    def __init__(self) -> None:
        super().__init__("The sandbox is required, but bubblewrap does not work on this machine.")


def kind(mode: Mode) -> Kind:
    """Tell which form of sandbox `run` uses. Raises: SandboxMissing."""
    if mode != "off" and bubblewrap.works():
        return "bubblewrap"
    if mode == "required":
        raise SandboxMissing
    return "rlimits"


async def run(
    command: list[str],
    *,
    worktree: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    network: bool = False,
    read_only: Iterable[Path] = (),
    mode: Mode = "auto",
) -> Finished:
    """Run a program in `worktree`, the only folder that it may change, until it ends.

    The program's environment is a clean one plus `env`; `read_only` names further folders that it
    may see. When the caller is cancelled, every process is dead before the cancellation goes on.

    Raises: SandboxMissing.
    """
    form = await asyncio.to_thread(kind, mode)
    with tempfile.TemporaryFile() as given, _home(form) as home:
        given.write(stdin)
        given.seek(0)
        if form == "bubblewrap":
            command = bubblewrap.wrap(
                command,
                worktree=worktree,
                network=network,
                read_only=read_only,
                memory_mb=limits.file_mb,
            )
        return await _supervise(command, worktree, limits, _environment(home, env), given, form)


@contextlib.contextmanager
def _home(form: Kind) -> Iterator[str]:
    """Give the program a home: in bubblewrap one in memory, else a folder for this run."""
    if form == "bubblewrap":
        yield bubblewrap.HOME
        return
    home = tempfile.mkdtemp()
    try:
        yield home
    finally:
        delete_folder(Path(home))


def _environment(home: str, env: Mapping[str, str] | None) -> dict[str, str]:
    """Build the whole environment: nothing of the product's own is passed on."""
    return {
        "PATH": SEARCH_PATH,
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **(env or {}),
    }


async def _supervise(
    command: list[str],
    worktree: Path,
    limits: Limits,
    env: dict[str, str],
    stdin: IO[bytes],
    form: Kind,
) -> Finished:
    """Start the launcher and see it through to its end, whatever happens to the caller."""
    began = time.monotonic()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        settings = msgspec.json.encode(limits).decode()
        launcher = (sys.executable, "-I", "-S", str(_LAUNCHER), str(theirs.fileno()), settings)
        process = await asyncio.create_subprocess_exec(
            *launcher,
            *command,
            cwd=worktree,
            env=env,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        output = await _see_through(process, ours, limits)
        report = _read_report(ours)
    return Finished(
        exit_code=report["exit_code"],
        output_tail=_presentable(output, worktree, env["HOME"]),
        duration_ms=round((time.monotonic() - began) * 1000),
        timed_out=report["killed_for"] == "wall_time",
        killed_for=report["killed_for"],
        sandbox=form,
    )


async def _see_through(
    process: asyncio.subprocess.Process, control: socket.socket, limits: Limits
) -> bytes:
    """Wait for the end and return the output's tail.

    A cancelled caller waits too: the launcher is told to stop, which takes two seconds at most,
    and is killed if it does not answer; its child dies with it.
    """
    ending = asyncio.ensure_future(_collect(process, control, limits))
    cancelled = None
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError as error:
            cancelled = error
            _stop(process, control)
    if cancelled:
        raise cancelled
    return ending.result()


def _tell(control: socket.socket, reason: bytes) -> None:
    """Ask the launcher to stop the program."""
    with contextlib.suppress(OSError):  # it has been told before, or has ended
        control.send(reason)


def _stop(process: asyncio.subprocess.Process, control: socket.socket) -> None:
    _tell(control, b"cancelled")

    def abandon() -> None:
        if process.returncode is None:
            process.kill()

    asyncio.get_running_loop().call_later(_ABANDON_AFTER_S, abandon)


async def _collect(
    process: asyncio.subprocess.Process, control: socket.socket, limits: Limits
) -> bytes:
    """Read all output, so that the program never blocks, and keep its end."""
    assert process.stdout is not None
    keep = limits.output_kb * 1024
    tail, total = bytearray(), 0
    while chunk := await process.stdout.read(65536):
        before, total = total, total + len(chunk)
        tail += chunk
        del tail[:-keep]
        if before <= _FLOOD_BYTES < total:
            _tell(control, b"output")
    await process.wait()
    return bytes(tail) if total <= keep else b"[...]\n" + bytes(tail)


def _read_report(control: socket.socket) -> dict[str, Any]:
    """Read what the launcher wrote before it exited."""
    control.setblocking(False)
    try:
        report: dict[str, Any] = json.loads(control.recv(1024))
    except (OSError, ValueError):
        return {"exit_code": None, "killed_for": "sandbox"}
    return report


def _presentable(output: bytes, worktree: Path, home: str) -> str:
    """Decode output for people: no host path, no control characters but tab and newline."""
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    python = dict.fromkeys((sys.prefix, sys.base_prefix), "python")
    shown = python | {"/usr": "/usr", "/usr/local": "/usr/local"}  # everybody's folders
    places = dict.fromkeys((bubblewrap.APP, str(worktree), str(worktree.resolve())), ".")
    folders = {**shown, **places, home: "~", str(Path(__file__).parent): "sandbox"}
    for folder in sorted(folders, key=len, reverse=True):
        text = re.sub(rf"{re.escape(folder)}(?=[/\s\"':,;)]|$)", folders[folder], text)
    return _UNPRINTABLE.sub("\ufffd", text)
