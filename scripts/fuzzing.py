"""The long run of the fuzzer: seed after seed, each against a running product of its own.

What is run is the test of CI (tests/contract/test_schemathesis.py), so both have one configuration.
"""

import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = "tests/contract/test_schemathesis.py"
SEEDS = (1, 2, 3, 4)
"""Those that CI takes in turn."""
GENERATED = re.compile(r"^\s*(\d+) generated", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What one seed found, and how much it tried."""

    seed: int
    passed: bool
    cases: int
    seconds: float
    output: str

    def __str__(self) -> str:
        found = "nothing found" if self.passed else "FAILED"
        return f"seed {self.seed}: {found}, {self.cases} cases, {self.seconds:.0f} s"


def fuzz(seeds: Iterable[int], echo: Callable[[str], None]) -> bool:
    """Fuzz with each of the seeds, and say how it went; whether nothing was found."""
    outcomes = []
    for seed in seeds:
        outcome = run(seed)
        outcomes.append(outcome)
        echo(str(outcome) if outcome.passed else f"{outcome.output}\n{outcome}")
    failed = [outcome.seed for outcome in outcomes if not outcome.passed]
    cases = sum(outcome.cases for outcome in outcomes)
    echo(f"{len(outcomes)} seeds, {cases} cases, {len(failed)} with findings.")
    for seed in failed:
        echo(f"Again: scripts/fuzz --seed {seed}")
    return not failed


def chosen(minutes: float, seed: int | None) -> Iterator[int]:
    """Seeds from the given one upwards until the time is over; without a time it or all of CI's."""
    if not minutes:
        yield from SEEDS if seed is None else (seed,)
        return
    deadline = time.monotonic() + minutes * 60
    for number in itertools.count(SEEDS[0] if seed is None else seed):
        yield number
        if time.monotonic() >= deadline:
            return


def run(seed: int) -> Outcome:
    """Start the product, fuzz it with a seed, stop it."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-s", TEST],
        cwd=ROOT,
        env=os.environ | {"FUZZ_SEED": str(seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    cases = sum(map(int, GENERATED.findall(done.stdout)))
    return Outcome(seed, done.returncode == 0, cases, time.monotonic() - began, done.stdout)
