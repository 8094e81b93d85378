"""What is measured on, and what the kernel says of processes and of neighbours."""

import os
import platform
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]


def describe(packages: Iterable[str]) -> dict[str, Any]:
    """The machine and the versions that take part."""
    return {
        "cpu": processor(),
        "cores": len(CORES),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "load_average": os.getloadavg()[0],
    }


def processor() -> str:
    """The model's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def steal_share(before: list[int], after: list[int]) -> float:
    """The share of time between two readings that the host gave to others."""
    spent = [b - a for a, b in zip(before, after, strict=True)]
    return spent[7] / max(sum(spent[:8]), 1)


def ticks() -> list[int]:
    """The times of all cores since the start, in ticks; the eighth is steal (proc(5))."""
    return [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have used; 0 if it has gone.

    Its CPU clock has nanoseconds, where /proc/PID/stat has hundredths. Source: Linux,
    include/linux/posix-timers_types.h (the clock's id is made of the process's).
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def tree(pid: int) -> list[int]:
    """A process and its descendants; PostgreSQL's for a vacuum may end while we look."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(found for child in children for found in tree(int(child)))]


def resident_mib(pid: int) -> float:
    """The memory that a process holds, shared pages included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def pin(pid: int, core: int) -> None:
    """Keep a process and all its threads on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})
