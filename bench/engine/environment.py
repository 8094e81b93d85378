"""The peers' virtual environment and tables, made once, outside of what is measured."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.figures import Void
from bench.servers import ROOT
from db import embedded
from scripts.stack import free_port
from services.settings import Settings

PEERS = Path(__file__).parent / "peers"
INPUTS = (PEERS / "requirements.txt", PEERS / "constraints.txt")
DATABASES = ("ours", "history", "procrastinate", "dbos", "prefect")
PREPARED = ("procrastinate", "dbos", "prefect")
INSTALL_S = 900


@dataclass(frozen=True)
class Place:
    """A running PostgreSQL with the peers' tables, and the Python that the peers run in."""

    folder: Path
    python: Path
    url: str
    port: int
    redis: Path

    def url_of(self, database: str) -> str:
        """The URL of one contestant's database."""
        return self.url.replace("/postgres?", f"/{database}?")

    def postmaster(self) -> int:
        """The process that all of PostgreSQL's belong to."""
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    def environment(self, database: str, name: str) -> dict[str, str]:
        """What a contestant's processes are told."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PRAZIUM_", "PREFECT_"))}
        return env | {
            "BENCH_URL": self.url_of(database),
            "BENCH_FOLDER": str(self.folder),
            "BENCH_STARTS": str(self.folder / f"{name}.starts"),
            "BENCH_REDIS": str(self.redis),
            "BENCH_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
        }


@contextlib.contextmanager
def opened(say: Callable[[str], None]) -> Iterator[Place]:
    """A copy of the prepared PostgreSQL with what is its default of durability, running."""
    kept = Settings().data_dir.resolve() / "bench" / f"engine-{fingerprint()[:12]}"
    if not kept.exists():
        say("Installing the peers and making their tables (the first time only) …")
        prepare(kept)
    with tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # The files are those of another user where this one is root.
        subprocess.run(["cp", "--archive", str(kept / "postgres"), str(folder)], check=True)
        with embedded.server(folder / "postgres") as url:
            yield place(folder, kept, url)


def place(folder: Path, kept: Path, url: str) -> Place:
    """Where everything is."""
    python = kept / "venv" / "bin" / "python"
    return Place(folder, python, url, free_port("127.0.0.1"), folder / "redis.sock")


def prepare(kept: Path) -> None:
    """Install what the constraints say, and let each peer make its tables; all or nothing."""
    making = kept.with_name(f"{kept.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    venv.create(making / "venv", with_pip=True)
    python = making / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    finished([*pip, "-r", str(INPUTS[0]), "-c", str(INPUTS[1])], dict(os.environ))
    with embedded.server(making / "postgres") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for database in DATABASES:
                connection.execute(f"CREATE DATABASE {database}".encode())
        found = place(making, making, url)
        for peer in PREPARED:
            env = found.environment(peer, peer)
            finished([str(python), *words(f"bench.engine.peers.{peer}_peer", "prepare")], env)
    making.rename(kept)


def words(module: str, role: str) -> list[str]:
    """What Python is to run for a role of a contestant."""
    return ["-m", "bench.engine.play", module, role]


def finished(command: list[str], env: Mapping[str, str]) -> None:
    """Run a program to its end. Raises: Void."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        timeout=INSTALL_S,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise Void(f"the peers cannot be prepared: {done.stdout.decode(errors='replace')[-2000:]}")


def versions() -> list[str]:
    """The peers as they are pinned."""
    names = ("procrastinate", "dbos", "celery", "prefect")
    pinned = INPUTS[1].read_text().splitlines()
    return [line.replace("==", " ") for line in pinned if line.partition("==")[0] in names]


def fingerprint() -> str:
    """What the environment is made from."""
    digest = hashlib.sha256(sys.version.encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()
