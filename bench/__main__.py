"""`python -m bench NAME`: runs one module of this folder and prints or writes what it found."""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path

import bench
from bench import figures, machine, report
from bench.run import FULL, QUICK, Report


def names() -> list[str]:
    """What can be measured: the packages of this folder."""
    return [module.name for module in pkgutil.iter_modules(bench.__path__) if module.ispkg]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=bench.__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("--quick", action="store_true", help="within 45 s, few pairs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--markdown", action="store_true", help="print what the docs page holds")
    return parser.parse_args()


def main() -> None:
    """Measure; an error leaves no result, an uneven control ends with 1 and leaves the others."""
    given, began = arguments(), time.monotonic()
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    measuring = importlib.import_module(f"bench.{given.name}")
    described = machine.describe(measuring.PACKAGES)
    to_stderr(f"{given.name} on {described['cpu']}, {described['cores']} cores")
    found = Report(QUICK if given.quick else FULL, to_stderr)
    try:
        measuring.run(found)
    except figures.Void as error:
        sys.exit(f"Void: {error}.")
    lines = report.markdown(found, described) if given.markdown else report.table(found.metrics)
    print("\n".join(lines), flush=True)
    if given.json:
        result = figures.as_json(described, found.metrics)
        given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    to_stderr(f"\n{time.monotonic() - began:.0f} s")
    if found.void:
        sys.exit(f"The machine is not even; discarded: {', '.join(found.void)}.")


def to_stderr(line: str) -> None:
    """Progress, apart from the result."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
