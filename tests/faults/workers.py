"""A nursery of workers, as tests use it (`tests/faults/nursery.py`)."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


class Nursery:
    """A process that bears workers."""

    def __init__(self, url: str, folder: Path) -> None:
        self._log = (folder / "workers.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery", url, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )

    def bear(self, point: str = "-") -> int:
        """A worker, alive."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{point}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """No more, and none is left."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


@contextlib.contextmanager
def nursery_of(url: str, folder: Path) -> Iterator[Nursery]:
    """A nursery on a database; nothing of it is left afterwards."""
    made = Nursery(url, folder)
    try:
        yield made
    finally:
        made.close()
