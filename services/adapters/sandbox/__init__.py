"""Running programs that are not trusted: built applications, their tests, coding agents.

With bubblewrap a program sees a read-only system, no network, no other process and one writable
folder. Without it the same limits hold for time, memory, processes and output, but the program can
read what the product's user can read. Either way the environment is clean and no process survives:
not the program's end, not a cancelled task, not `kill -9` of the product.
"""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Literal, NamedTuple

import msgspec

from services.adapters.deletion import delete_folder
from services.adapters.sandbox import bubblewrap
from services.adapters.sandbox.turns import turn
from services.threads import in_thread

Mode = Literal["auto", "required", "off"]
Kind = Literal["bubblewrap", "rlimits"]

SEARCH_PATH = os.pathsep.join(
    (str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")
)
"""PATH inside the sandbox: the product's interpreter and the system's programs."""

_LAUNCH = "import sys; sys.path.append(sys.argv.pop(1)); import launcher; launcher.main()"
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
    `stdout` is the beginning of the standard output if that was asked for, at most a byte more than
    was asked for; `output_tail` is the rest of the output then.
    """

    exit_code: int | None
    output_tail: str
    duration_ms: int
    timed_out: bool
    killed_for: str | None
    sandbox: Kind
    stdout: bytes = b""


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
    stdout_kb: int | None = None,
) -> Finished:
    """Run a program in `worktree`, the only folder that it may change, until it ends.

    The program's environment is a clean one plus `env`; `read_only` names further folders that it
    may see. With `stdout_kb`, that much of its standard output is kept apart. When the caller is
    cancelled, every process is dead before the cancellation goes on.

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
        launch = _Launch(command, worktree, _environment(home, env), given, stdout_kb)
        return await _supervise(launch, limits, form)


class _Launch(NamedTuple):
    """What is started, and what it is given."""

    command: list[str]
    worktree: Path
    env: dict[str, str]
    stdin: IO[bytes]
    stdout_kb: int | None


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


async def _supervise(launch: _Launch, limits: Limits, form: Kind) -> Finished:
    """Start the launcher and see it through to its end, whatever happens to the caller."""
    async with turn() as own:
        began = time.monotonic()
        ours, theirs = socket.socketpair()
        with ours, theirs, own.until_word_on(ours):
            process = _started(launch, limits, theirs.fileno())
            theirs.close()
            output = _Output(process, ours, limits.output_kb, launch.stdout_kb or 0)
            await _see_through(process, ours, output)
            exit_code, killed_for = _read_report(ours)
    return Finished(
        exit_code=exit_code,
        output_tail=_presentable(output.end(), launch.worktree, launch.env["HOME"]),
        duration_ms=round((time.monotonic() - began) * 1000),
        timed_out=killed_for == "wall_time",
        killed_for=killed_for,
        sandbox=form,
        stdout=bytes(output.head),
    )


def _started(launch: _Launch, limits: Limits, control: int) -> "subprocess.Popen[bytes]":
    """The launcher.

    Popen borrows our memory until the exec (vfork), which takes a fraction of a millisecond. An
    event loop like uvloop copies it and waits: 15 to 60 ms beside other programs.
    """
    launcher = (sys.executable, "-I", "-S", "-c", _LAUNCH, str(Path(__file__).parent))
    settings = ",".join(f"{name}={value}" for name, value in msgspec.structs.asdict(limits).items())
    return subprocess.Popen(
        [*launcher, str(control), settings, *launch.command],
        bufsize=0,
        cwd=launch.worktree,
        env=launch.env,
        stdin=launch.stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if launch.stdout_kb else subprocess.STDOUT,
        pass_fds=(control,),
        start_new_session=True,
    )


async def _see_through(
    process: "subprocess.Popen[bytes]", control: socket.socket, output: "_Output"
) -> None:
    """Wait for the end.

    A cancelled caller waits too: the launcher is told to stop, which takes two seconds at most,
    and is killed if it does not answer; its child dies with it.
    """
    ending = asyncio.ensure_future(output.collect())
    cancelled = None
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError as error:
            cancelled = error
            _stop(process, control)
    if cancelled:
        raise cancelled
    ending.result()


def _tell(control: socket.socket, reason: bytes) -> None:
    """Ask the launcher to stop the program."""
    with contextlib.suppress(OSError):  # it has been told before, or has ended
        control.send(reason)


def _stop(process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
    _tell(control, b"cancelled")

    def abandon() -> None:
        if process.poll() is None:
            process.kill()

    asyncio.get_running_loop().call_later(_ABANDON_AFTER_S, abandon)


class _Output:
    """What a program writes: the end, and the beginning of its standard output if asked for."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        control: socket.socket,
        tail_kb: int,
        head_kb: int,
    ) -> None:
        self.head = bytearray()
        self._process = process
        self._control = control
        self._tail = bytearray()
        self._tail_bytes, self._head_bytes = tail_kb * 1024, head_kb * 1024 + 1
        self._total = self._in_tail = 0

    async def collect(self) -> None:
        """Read all output, so that the program never blocks, until it has ended."""
        process = self._process
        if process.stderr is None:
            await self._read(process.stdout, self._keep_end)
        else:
            await asyncio.gather(
                self._read(process.stdout, self._keep_beginning),
                self._read(process.stderr, self._keep_end),
            )
        await in_thread(process.wait)  # which has closed its output, so this is short

    def end(self) -> bytes:
        """The end, with a mark if there was more."""
        return b"[...]\n" * (self._in_tail > self._tail_bytes) + bytes(self._tail)

    async def _read(self, pipe: IO[bytes] | None, keep: Callable[[bytes], None]) -> None:
        stream = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        while chunk := await stream.read(65536):
            before, self._total = self._total, self._total + len(chunk)
            keep(chunk)
            if before <= _FLOOD_BYTES < self._total:
                _tell(self._control, b"output")

    def _keep_end(self, chunk: bytes) -> None:
        self._in_tail += len(chunk)
        self._tail += chunk
        del self._tail[: -self._tail_bytes]

    def _keep_beginning(self, chunk: bytes) -> None:
        self.head += chunk[: self._head_bytes - len(self.head)]


def _read_report(control: socket.socket) -> tuple[int | None, str | None]:
    """The program's exit code, or what it was killed for: the last word of the launcher."""
    control.setblocking(False)
    try:
        report = control.recv(1024).decode().strip()
    except OSError:
        report = ""
    return (int(report), None) if report.isdecimal() else (None, report or "sandbox")


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
