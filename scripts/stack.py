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
START_S = 30.0
STOP_S = 12.0


@dataclass(frozen=True)
class Stack:
    """A running product: where it is, and a key for it."""

    base_url: str
    key: str
    data_dir: Path


class DidNotStart(Exception):
    """A process ended before it was ready; the message is its last output."""


@contextlib.contextmanager
def running(settings: Settings, *, workers: int = 1) -> Iterator[Stack]:
    """Database, API and workers; when this ends, so do they.

    Raises: DidNotStart.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    port = settings.port if is_free(settings.host, settings.port) else free_port(settings.host)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(database(settings))
        env = os.environ | {
            "PRAZIUM_DATABASE_URL": url,
            "PRAZIUM_DATA_DIR": str(settings.data_dir),
            "PRAZIUM_PORT": str(port),
        }
        log = settings.data_dir / "prazium.log"
        api = stack.enter_context(child(["serve"], env, log))
        for _ in range(workers):
            stack.enter_context(child(["worker"], env, log))
        base_url = f"http://{settings.host}:{port}/v1"
        wait_until_ready(f"{base_url}/ready", api, log)
        yield Stack(base_url, first_key(settings, url), settings.data_dir)


@contextlib.contextmanager
def child(
    arguments: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that ends with this block, and with this process even if that is killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", *arguments],
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


def wait_until_ready(url: str, api: Process, log: Path) -> None:
    """Wait for the API's first 200.

    Raises: DidNotStart.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and api.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.05)
    raise DidNotStart(log.read_text(errors="replace")[-2000:])


def first_key(settings: Settings, url: str) -> str:
    """The key of the tenant `local`: made at the first start, kept in the data folder."""
    path = settings.data_dir / "local-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(asyncio.run(make_key(settings, url)))
    return path.read_text()


async def make_key(settings: Settings, url: str) -> str:
    """A key with every scope, and `admin`."""
    async with opened(settings, url) as app:
        scopes = [*keys.ALL_SCOPES, "admin"]
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
