"""What every contestant's job does: next to nothing. Only the standard library, as peers run it."""

import os
import struct
import time

PROBE = 10**9
"""From this number on a job tells when it began."""
START = struct.Struct("=qd")


def job(n: int) -> dict[str, int]:
    """A small input, a small result."""
    if n >= PROBE:
        tell(n)
    return {"n": n, "twice": 2 * n}


def tell(n: int) -> None:
    """Append the number and the moment (s, the machine's monotonic clock) to the common file."""
    line = START.pack(n, time.monotonic())
    file = os.open(os.environ["BENCH_STARTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line)
    os.close(file)


def starts() -> dict[int, float]:
    """When each job began that told it; the first time, if it began again."""
    with open(os.environ["BENCH_STARTS"], "ab+") as file:  # noqa: PTH123 - as bare as `tell`
        file.seek(0)
        told = list(START.iter_unpack(file.read()))
    return dict(reversed(told))
