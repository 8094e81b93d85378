"""The whole product on one machine: database, API and workers, started and stopped together."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import database, die_with_parent
from services import keys
from services.context import opened
from services.settings import Settings

Process = subprocess.Popen[bytes]
LOG = "prazium.log"
START_S = 30.0
STOP_S = 12.0


@dataclass(frozen=True)
class Stack:
    """A running product: where it is, a key for it, and its processes."""

    base_url: str
    key: str
    data_dir: Path
    processes: tuple[Process, ...]

    def check(self) -> None:
        """Make sure that all processes run.

        Raises: ProcessEnded.
        """
        if any(process.poll() is not None for process in self.processes):
            raise ProcessEnded(self.data_dir / LOG)


class ProcessEnded(Exception):
    """A process ended by itself; the message is the end of the log."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"A process of Prazium ended:\n{log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def running(settings: Settings, *, workers: int = 1) -> Iterator[Stack]:
    """Database, API and workers; when this ends, so do they.

    Raises: ProcessEnded.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    port = settings.port if is_free(settings.host, settings.port) else free_port(settings.host)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(database(settings))
        env = os.environ | {
            "PRAZIUM_DATABASE_URL": url,
            "PRAZIUM_DATA_DIR": str(settings.data_dir),
            "PRAZIUM_PORT": str(port),
            "PRAZIUM_ENVIRONMENT": "development",
            "PRAZIUM_DRAIN_NOTICE": "0",
        }
        log = settings.data_dir / LOG
        commands = [["serve"], *[["worker"]] * workers]
        processes = tuple(stack.enter_context(child(words, env, log)) for words in commands)
        base_url = f"http://{settings.host}:{port}/v1"
        started = Stack(base_url, first_key(settings, url), settings.data_dir, processes)
        wait_until_ready(started)
        yield started


@contextlib.contextmanager
def child(
    arguments: list[str], env: dict[str, str], log: Path, module: str = "scripts.cli"
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that ends with this block, and with this process even if that is killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops its children
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: Process) -> None:
    """Ask the process to end; insist after a while."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_ready(stack: Stack) -> None:
    """Wait for the API's first 200.

    Raises: ProcessEnded, also if it takes too long.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        stack.check()
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{stack.base_url}/ready", timeout=2).close()
            return
        time.sleep(0.05)
    raise ProcessEnded(stack.data_dir / LOG)


def first_key(settings: Settings, url: str) -> str:
    """The key of the tenant `local`: made at the first start, kept in the data folder."""
    path = settings.data_dir / "local-key"
    kept = path.read_text() if path.exists() else ""
    key = asyncio.run(living_key(settings, url, kept))
    if key != kept:
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(key)
        fresh.replace(path)
    return key


async def living_key(settings: Settings, url: str, kept: str) -> str:
    """The key that was kept, if this database knows it; else a new one with every scope."""
    async with opened(settings, url) as app:
        if await keys.find_actor(app, kept):
            return kept
        scopes = [*keys.ALL_SCOPES, keys.ADMIN]
        return await keys.create_key(app, "local", "scripts/dev", scopes)


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((host, port))
            return True
    return False


def free_port(host: str) -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        number: int = probe.getsockname()[1]
        return number
