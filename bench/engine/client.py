"""A contestant's client: takes orders as lines of JSON, does them, answers with what it measured.

Only the standard library, as it runs in the peers' environment too.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from bench.engine.job import PROBE, starts

BATCH = 1000
"""Jobs in one transaction."""
PAUSE_S = 0.01
LOST_S = 60.0


class Contestant(Protocol):
    """What a system can do; all of it durable, in the way that it advises."""

    def enqueue(self, inputs: list[int], *, parked: bool = False) -> None:
        """Queue jobs in one transaction; parked ones where no worker looks."""

    def left(self, count: int) -> bool:
        """Whether any of so many jobs has not ended."""

    def fault(self, inputs: list[int]) -> str:
        """What is wrong with the results of these jobs, or nothing."""

    def clear(self) -> None:
        """Forget all jobs."""

    def chains(self, count: int, steps: int) -> None:
        """So many runs at once, of so many steps one after the other; until all have ended."""

    def fan(self, width: int) -> None:
        """A run of so many steps at once, and one after all; until its end."""


class Wrong(Exception):
    """A contestant lost a job or has a wrong result."""


class Client:
    """Does what it is told with one contestant."""

    def __init__(self, contestant: Contestant) -> None:
        self._contestant = contestant
        self._inputs: list[int] = []

    def warm(self) -> dict[str, Any]:
        """One job, so that whoever was stopped is awake; then nothing is left."""
        self._contestant.clear()
        self._contestant.enqueue([0])
        self._wait(1)
        self._contestant.clear()
        return {}

    def clear(self) -> dict[str, Any]:
        """Forget all jobs, without any worker's help."""
        self._contestant.clear()
        return {}

    def jobs(self, count: int) -> dict[str, Any]:
        """Queue so many, while the worker works; seconds until all have ended."""
        self._inputs = list(range(count))
        began = time.monotonic()
        self._enqueue(self._inputs)
        self._wait(count)
        return {"seconds": time.monotonic() - began}

    def park(self, count: int) -> dict[str, Any]:
        """Queue so many where no worker looks; the seconds that takes."""
        began = time.monotonic()
        self._enqueue(list(range(count)), parked=True)
        return {"seconds": time.monotonic() - began}

    def check(self) -> dict[str, Any]:
        """Hold the results of the last `jobs` against what they must be. Raises: Wrong."""
        if found := self._contestant.fault(self._inputs):
            raise Wrong(found)
        return {}

    def load(self, rate: float, seconds: float, every: float = 0.02) -> dict[str, Any]:
        """Queue jobs at a rate, a few at a time; how many."""
        began, queued = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            due = int(rate * now) - queued
            if due:
                self._contestant.enqueue(list(range(queued, queued + due)))
            queued += due
            time.sleep(max(0.0, now + every - (time.monotonic() - began)))
        return {"jobs": queued}

    def probe(self, rate: float, seconds: float) -> dict[str, Any]:
        """Queue single jobs at their moments, whatever became of those before (open loop).

        `pickup` is from the commit to the start of the job, `start` from the moment at which it
        should have been queued; ms.
        """
        Path(os.environ["BENCH_STARTS"]).unlink(missing_ok=True)
        count, began = max(int(rate * seconds), 5), time.monotonic() + 0.01
        due, committed = {}, {}
        for place in range(count):
            n = PROBE + place
            due[n] = began + (place + random.random()) / rate
            time.sleep(max(0.0, due[n] - time.monotonic()))
            self._contestant.enqueue([n])
            committed[n] = time.monotonic()
        started = self._started(count)
        return {
            "pickup": [1000 * max(started[n] - committed[n], 0.0) for n in due],
            "start": [1000 * (started[n] - due[n]) for n in due],
        }

    def chains(self, count: int, steps: int) -> dict[str, Any]:
        """Seconds of so many chains at once."""
        began = time.monotonic()
        self._contestant.chains(count, steps)
        return {"seconds": time.monotonic() - began}

    def fan(self, width: int) -> dict[str, Any]:
        """Seconds of a fan-out with its fan-in."""
        began = time.monotonic()
        self._contestant.fan(width)
        return {"seconds": time.monotonic() - began}

    def _enqueue(self, inputs: list[int], parked: bool = False) -> None:
        for first in range(0, len(inputs), BATCH):
            self._contestant.enqueue(inputs[first : first + BATCH], parked=parked)

    def _wait(self, count: int) -> None:
        deadline = time.monotonic() + LOST_S
        while self._contestant.left(count):
            if time.monotonic() > deadline:
                raise Wrong(f"of {count} jobs some never ended")
            time.sleep(PAUSE_S)

    def _started(self, count: int) -> dict[int, float]:
        deadline = time.monotonic() + LOST_S
        while len(started := starts()) < count:
            if time.monotonic() > deadline:
                raise Wrong(f"{count - len(started)} of {count} jobs never began")
            time.sleep(PAUSE_S)
        return started


def serve(contestant: Contestant) -> None:
    """Take orders until the input ends."""
    client = Client(contestant)
    answer({})
    for line in sys.stdin:
        order = json.loads(line)
        do: Callable[..., dict[str, Any]] = getattr(client, order.pop("order"))
        try:
            answer(do(**order))
        except Wrong as error:
            answer({"wrong": str(error)})


def answer(found: dict[str, Any]) -> None:
    """One line back."""
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()
