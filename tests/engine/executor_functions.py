"""What the contract of executors has them run: functions that behave, and functions that do not."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from services.portable import Attempt, CannotDo


async def echo(attempt: Attempt) -> Any:
    """Give back all that it was told."""
    return {
        "kind": attempt.kind,
        "input": attempt.input,
        "token": attempt.token,
        "number": attempt.number,
    }


async def nothing(attempt: Attempt) -> None:
    """Give back nothing."""


async def refuse(attempt: Attempt) -> None:
    """Say that it cannot be done."""
    raise CannotDo("NO_SUCH_ORDER", "There is no order 7.", retryable=True, retry_after_s=7)


async def refuse_strangely(attempt: Attempt) -> None:
    """Say so with what cannot be kept."""
    raise CannotDo("no such order!", "a\0b")


async def crash(attempt: Attempt) -> None:
    """Raise something."""
    raise ValueError("secret of the code")


async def no_json(attempt: Attempt) -> Any:
    """Return what is no JSON."""
    return {"socket": object()}


async def nul(attempt: Attempt) -> Any:
    """Return what the database cannot hold."""
    return {"text": "a\0b", "path": "C:\\u0000"}


async def backslash(attempt: Attempt) -> Any:
    """Return what only looks like it."""
    return "C:\\u0000"


async def huge(attempt: Attempt) -> Any:
    """Return 32 MiB."""
    return "x" * (32 * 2**20)


async def wait(attempt: Attempt) -> None:
    """Wait for a minute, and obey."""
    await asyncio.sleep(60)


async def swallow(attempt: Attempt) -> None:
    """Wait longer than anyone may, and obey nobody."""
    end = time.monotonic() + 3
    if threading.current_thread() is threading.main_thread() and attempt.input.get("signals"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while time.monotonic() < end:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            continue


async def tidy(attempt: Attempt) -> None:
    """Start a program, wait for it, and end it when cancelled."""
    process = await asyncio.create_subprocess_exec("sleep", attempt.input["marker"])
    try:
        await process.wait()
    finally:
        process.kill()
        await process.wait()


async def compute(attempt: Attempt) -> None:
    """Never give way."""
    while True:
        pass


async def leave_programs(attempt: Attempt) -> str:
    """Start programs in sessions of their own, and return."""
    for _ in range(3):
        # asyncio would end them with its loop.
        subprocess.Popen(["sleep", attempt.input["marker"]], start_new_session=True)  # noqa: ASYNC220
    return "left"


async def leave_thread(attempt: Attempt) -> str:
    """Start a thread that does not end, and return."""
    threading.Thread(target=time.sleep, args=(60,)).start()
    return "left"


async def die(attempt: Attempt) -> None:
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


async def segfault(attempt: Attempt) -> None:
    """Read what is not there."""
    ctypes.string_at(0)


async def leave(attempt: Attempt) -> None:
    """End the process as if all were well."""
    os._exit(0)


async def exit_early(attempt: Attempt) -> None:
    """End the process by an exception that is none of Exception's."""
    sys.exit(0)


async def flood(attempt: Attempt) -> None:
    """Print for ever."""
    while True:
        sys.stdout.write("x" * 65536)


async def chatter(attempt: Attempt) -> str:
    """Print 10 MiB, and go on."""
    for _ in range(160):
        sys.stdout.write("x" * 65536)
    return "done"


async def hoard(attempt: Attempt) -> int:
    """Take memory for ever."""
    kept = []
    while True:
        kept.append(bytearray(10**7))


async def look_around(attempt: Attempt) -> Any:
    """Say what can be seen and reached."""
    try:
        socket.create_connection(("1.1.1.1", 80), 1).close()
        network = True
    except OSError:
        network = False
    return {
        "network": network,
        "environment": sorted(os.environ),
        "secret": Path(attempt.input["secret"]).exists(),
        "threads": threading.active_count(),
    }
