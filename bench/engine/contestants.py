"""Contestants: each a client and its worker in processes of their own, stopped while others run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench import machine
from bench.engine.environment import Place, words
from bench.figures import OURS, Void
from bench.servers import ROOT, unpinned

START_S = 90.0
PROCRASTINATE = "procrastinate, stores no results"
DBOS = "DBOS"
CELERY = "Celery + Redis, which can lose what it acknowledged"
PREFECT = "Prefect"
HISTORY = "ours, with history"
CLIENT, LOADER = "client", "loader"


@dataclass(frozen=True)
class Setup:
    """A contestant's module, database and processes beside its client."""

    module: str
    database: str
    services: tuple[str, ...] = ("worker",)
    keeps: bool = False
    """Whether its jobs stay between legs."""


SETUPS = {
    OURS: Setup("bench.engine.ours", "ours"),
    PROCRASTINATE: Setup("bench.engine.peers.procrastinate_peer", "procrastinate"),
    DBOS: Setup("bench.engine.peers.dbos_peer", "dbos"),
    CELERY: Setup("bench.engine.peers.celery_peer", "postgres", ("broker", "worker")),
    PREFECT: Setup("bench.engine.peers.prefect_peer", "prefect", ("server",)),
    HISTORY: Setup("bench.engine.ours", "history", keeps=True),
}


class Program:
    """A process that begins on all cores and ends with this one."""

    def __init__(self, words: list[str], env: Mapping[str, str], log: Path, talks: bool) -> None:
        self._log = log
        self._output: IO[bytes] = log.open("ab")
        pipe = subprocess.PIPE if talks else None
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=env, preexec_fn=unpinned, stderr=self._output,
            stdin=pipe or subprocess.DEVNULL, stdout=pipe or self._output,
        )  # fmt: skip

    def ask(self, **order: Any) -> dict[str, Any]:
        """Send an order, wait for its answer. Raises: Void for a wrong result, or a crash."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next answer. Raises: Void."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Void(f"a contestant's client ended: {self.log_end()}")
        found: dict[str, Any] = json.loads(line)
        if "wrong" in found:
            raise Void(f"{self._log.stem}: {found['wrong']}")
        return found

    def check(self) -> None:
        """Make sure that it runs. Raises: Void."""
        if self.process.poll() is not None:
            raise Void(f"a process of a contestant ended: {self.log_end()}")

    def log_end(self) -> str:
        """The last that it has written."""
        return self._log.read_text(errors="replace")[-1500:]

    def signal(self, number: signal.Signals) -> None:
        """Stop or continue it and all its children."""
        for pid in machine.tree(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def cpu(self) -> float:
        """What it and its children have used, in seconds."""
        return sum(map(machine.cpu_seconds, machine.tree(self.process.pid)))

    def end(self) -> None:
        """End it."""
        self.signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self._output.close()


class Contestant:
    """One system with its processes, asleep but inside `awake`."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self._setup, self._place = SETUPS[name], place
        self._programs: dict[str, Program] = {}
        for role in self._setup.services:
            self._start(role)
        self._asleep = False

    def ready(self) -> None:
        """Wait until it works; then it sleeps. Raises: Void."""
        if "server" in self._programs:
            wait_for(self._answers, f"{self.name} does not answer")
        if "broker" in self._programs:
            wait_for(self._place.redis.exists, "Redis does not start")
        self._start(CLIENT)
        self._programs[CLIENT].answer()
        if "worker" in self._programs:
            self._programs["worker"].check()
            self.ask("warm")
        self.sleep()

    def ask(self, order: str, **given: Any) -> dict[str, Any]:
        """Let the client do something."""
        return self._programs[CLIENT].ask(order=order, **given)

    @contextlib.contextmanager
    def awake(self) -> Iterator[None]:
        """The contestant's turn."""
        for program in self._programs.values():
            program.signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.sleep()

    def sleep(self) -> None:
        """Stop all its processes, so that they take nothing from others."""
        for program in self._programs.values():
            program.signal(signal.SIGSTOP)

    @contextlib.contextmanager
    def loaded(self, rate: float, seconds: float) -> Iterator[None]:
        """Another client queues jobs at a rate meanwhile."""
        if LOADER not in self._programs:
            self._start(LOADER, CLIENT)
            self._programs[LOADER].answer()
        loader = self._programs[LOADER]
        assert loader.process.stdin is not None
        order = {"order": "load", "rate": rate, "seconds": seconds}
        loader.process.stdin.write(json.dumps(order).encode() + b"\n")
        loader.process.stdin.flush()
        yield
        loader.answer()

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by part."""
        store = sum(map(machine.cpu_seconds, machine.tree(self._place.postmaster())))
        spent = {"client": 0.0, "worker": 0.0, "store": store}
        for role, program in self._programs.items():
            part = {CLIENT: "client", LOADER: "client", "broker": "store"}.get(role, "worker")
            spent[part] += program.cpu()
        return spent

    def end(self) -> None:
        """End all its processes."""
        for program in reversed(self._programs.values()):
            program.end()

    def _start(self, role: str, word: str = "") -> None:
        setup, place = self._setup, self._place
        python = place.python if "peers" in setup.module else Path(sys.executable)
        log = place.folder / f"{setup.database}.{role}.log"
        env = place.environment(setup.database, setup.database)
        env["BENCH_KEEPS"] = str(int(setup.keeps))
        command = [str(python), *words(setup.module, word or role)]
        self._programs[role] = Program(command, env, log, (word or role) == CLIENT)

    def _answers(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self._place.port}/api/health"
            with urllib.request.urlopen(url, timeout=5) as got:
                return bool(got.status == 200)
        except OSError:
            self._programs["server"].check()
            return False


@contextlib.contextmanager
def started(place: Place, *names: str) -> Iterator[dict[str, Contestant]]:
    """Contestants, started together."""
    with contextlib.ExitStack() as stack:
        running = {}
        for name in names:
            running[name] = Contestant(name, place)
            stack.callback(running[name].end)
        for one in running.values():
            one.ready()
        yield running


def wait_for(condition: Callable[[], bool], else_say: str) -> None:
    """Wait until something is so. Raises: Void."""
    deadline = time.monotonic() + START_S
    while not condition():
        if time.monotonic() > deadline:
            raise Void(else_say)
        time.sleep(0.02)
