"""The figures of all processes of one machine, exchanged by files in the data folder.

Each process writes its own; whoever is asked reads all. A process lives as long as the kernel holds
its lock, so what was killed needs nobody to clear it up: its gauges are gone with the lock, and its
counters go on counting until no process is left.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from services.metrics import BY_NAME, Timing, merged

ALL, ENDED = "all", "ended"


class Sample(msgspec.Struct, frozen=True):
    """A figure with the values of its labels."""

    name: str
    labels: tuple[str, ...]
    value: float | Timing


class Snapshot(msgspec.Struct, frozen=True):
    """The figures of a process at a time."""

    at: float
    samples: list[Sample]


class Exchange:
    """One process's place among the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"{os.getpid()}-{time.time_ns()}"

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """Be one of the living. Raises: OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            with self._locked(fcntl.LOCK_EX):
                path = self._folder / f"{self._name}.lock"
                fcntl.flock(stack.enter_context(path.open("w")), fcntl.LOCK_EX)
                self._bury()
            yield

    def write(self, samples: list[Sample]) -> None:
        """Show these figures from now on."""
        replace(self._folder / f"{self._name}.json", Snapshot(time.time(), samples))

    def totals(self) -> list[Sample]:
        """The figures of all processes together; gauges of those that live."""
        with self._locked(fcntl.LOCK_SH):
            found = [(read(path), self._lives(path)) for path in self._folder.glob("*.json")]
        found.sort(key=lambda pair: pair[0].at)
        return summed(found)

    def _bury(self) -> None:
        """Keep the counts of the dead in one file; forget them if nobody else lives."""
        keep = {path.stem for path in self._folder.glob("*.lock") if self._lives(path)}
        if keep != {self._name}:
            dead = [path for path in self._folder.glob("*.json") if path.stem not in keep]
            counts = summed([(read(path), False) for path in dead])
            replace(self._folder / f"{ENDED}.json", Snapshot(0.0, counts))
            keep.add(ENDED)
        for path in self._folder.iterdir():
            if path.stem not in {*keep, ALL}:
                path.unlink()

    def _lives(self, path: Path) -> bool:
        """Whether the process of a file holds its lock."""
        try:
            with path.with_suffix(".lock").open() as probe:
                fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self._folder / ALL).open("w") as whole:
            fcntl.flock(whole, how)
            yield


def summed(found: list[tuple[Snapshot, bool]]) -> list[Sample]:
    """The sum over snapshots, oldest first; of those whose process is dead without the gauges."""
    totals: dict[tuple[str, tuple[str, ...]], Sample] = {}
    for snapshot, lives in found:
        for sample in snapshot.samples:
            metric, key = BY_NAME.get(sample.name), (sample.name, sample.labels)
            if metric is None or (metric.kind == "gauge" and not lives):
                continue
            before = totals.get(key) if metric.across == "sum" else None
            totals[key] = together(before, sample) if before else sample
    return list(totals.values())


def together(one: Sample, other: Sample) -> Sample:
    """Two figures of one name as one."""
    if isinstance(one.value, Timing) or isinstance(other.value, Timing):
        timings = [value for value in (one.value, other.value) if isinstance(value, Timing)]
        return Sample(one.name, one.labels, merged(timings))
    return Sample(one.name, one.labels, one.value + other.value)


def read(path: Path) -> Snapshot:
    """What a process has written."""
    return msgspec.json.decode(path.read_bytes(), type=Snapshot)


def replace(path: Path, snapshot: Snapshot) -> None:
    """Write a file that is never seen half written."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(snapshot))
    fresh.replace(path)
