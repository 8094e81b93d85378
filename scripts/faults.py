"""The long forms of the fault tests.

A fault test is one function with two forms: `form.pick(short, long)` chooses (`tests/conftest.py`),
and its mark `long` lets it be found here. What is random in it comes from `form.random`, whose seed
is printed, so that a run can be repeated.
"""

import random
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests"


class NoSuchFault(Exception):
    """There is no fault of this name; the message lists those that there are."""


def run(name: str, seed: int | None) -> int:
    """Run the long forms of one module of the tests, or of all; pytest's exit status.

    Raises: NoSuchFault.
    """
    modules = known()
    if name and name not in modules:
        raise NoSuchFault(f"There is no fault {name}; there are {', '.join(modules)}.")
    chosen = [str(path) for one, path in modules.items() if name in ("", one)]
    seed = random.randrange(10**6) if seed is None else seed
    print(f"seed {seed}", flush=True)
    options = ["-n0", "-s", "-mlong", "--long", "--timeout=0", "--reruns=0", f"--seed={seed}"]
    command = [sys.executable, "-m", "pytest", *chosen, *options]
    return subprocess.run(command, cwd=FOLDER.parent).returncode


def known() -> dict[str, Path]:
    """The modules that have a long form, by name."""
    paths = sorted(FOLDER.rglob("test_*.py"))
    long = [path for path in paths if "mark.long" in path.read_text()]
    return {path.stem.removeprefix("test_"): path for path in long}
