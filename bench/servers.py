"""Contestants in processes of their own."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import machine
from bench.figures import Void
from scripts.processes import die_with_parent
from scripts.stack import free_port

ROOT = Path(__file__).parent.parent
START_S = 60.0


class Server:
    """A contestant that runs."""

    def __init__(self, words: list[str], port: int, log: Path, env: Mapping[str, str]) -> None:
        self.port, self.log = port, log
        self.began = time.perf_counter()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=unpinned,
            )  # fmt: skip

    def wait(self, path: str, statuses: Container[int] = range(500)) -> float:
        """Wait for the first answer with one of these; the seconds since the start.

        Raises: Void if the process ends, or takes too long.
        """
        while self.process.poll() is None and time.perf_counter() < self.began + START_S:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status in statuses:
                    return time.perf_counter() - self.began
            time.sleep(0.005)
        raise Void(f"a contestant did not start: {self.log_end()}")

    def log_end(self) -> str:
        """The last that it has written, without what it says of successes."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if '"status":20' not in line)[-800:]

    def pin(self) -> None:
        """Keep it on the servers' core."""
        for pid in machine.tree(self.process.pid):
            machine.pin(pid, machine.SERVER_CORE)

    def cpu(self) -> float:
        """What it has used, in seconds."""
        return sum(map(machine.cpu_seconds, machine.tree(self.process.pid)))

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def served(
    modules: Mapping[str, tuple[str, dict[str, Any]]], folder: Path, env: Mapping[str, str]
) -> Iterator[dict[str, Server]]:
    """All contestants, started together on all cores, then pinned to one."""
    with contextlib.ExitStack() as stack:
        running = {}
        for name, (module, given) in modules.items():
            port = free_port("127.0.0.1")
            words = ["-m", "bench.serve", module, str(port), json.dumps(given)]
            running[name] = Server(words, port, folder / f"{name}.log", env)
            stack.callback(running[name].stop)
        for server in running.values():
            server.wait("/")
            server.pin()
        yield running


Fleet = list[Server]
"""Several processes of one contestant."""


@contextlib.contextmanager
def fleets(
    modules: Mapping[str, tuple[str, dict[str, Any]]],
    folder: Path,
    env: Mapping[str, str],
    copies: int,
) -> Iterator[dict[str, Fleet]]:
    """So many processes of every contestant.

    Which addresses and hashes a process drew makes it up to a tenth faster or slower than its like,
    for as long as it lives.
    """
    with contextlib.ExitStack() as stack:
        started = []
        for number in range(copies):
            place = folder / str(number)
            place.mkdir()
            started.append(stack.enter_context(served(modules, place, env)))
        yield {name: [running[name] for running in started] for name in modules}


def unpinned() -> None:
    """Begin on all cores, unlike the runner; end with it."""
    os.sched_setaffinity(0, machine.CORES)
    die_with_parent()
