"""What a step of a run costs: in a chain, in many chains at once, and side by side."""

import time
from collections.abc import Mapping

from bench.engine.contestants import PREFECT, Contestant
from bench.engine.families import family, figures, spent
from bench.run import Leg, Report

CHAIN, FAN = 40, 1000
CHAINS = 50
FULL, QUICK = {"chain": 40, "fan": 100}, {"chain": 3, "fan": 6}
"""For Prefect, whose steps take so long."""


def run(report: Report, contestants: Mapping[str, Contestant]) -> None:
    """A chain alone, fan-out and fan-in; then chains at once, without Prefect that has no queue."""
    for order, size in (("chain", CHAIN), ("fan", FAN)):
        fewer = (QUICK if report.plan.quick else FULL)[order]
        sizes = dict.fromkeys(contestants, size) | {PREFECT: fewer}
        report.note(f"{order}: {size:,} steps, Prefect {fewer}")
        legs = {who: leg(one, *asked(order, sizes[who])) for who, one in contestants.items()}
        measure(report, order, f"{order} of {size:,}", legs)
    many = ("chains", {"count": CHAINS, "steps": CHAIN}, CHAINS * CHAIN)
    legs = {who: leg(one, *many) for who, one in contestants.items() if who != PREFECT}
    measure(report, "chains", f"{CHAINS} chains of {CHAIN} at once", legs)


def measure(report: Report, name: str, what: str, legs: Mapping[str, Leg]) -> None:
    """Time and CPU of a step."""
    pairs = family(report, f"{what} steps", legs, 0.5)
    report.add(f"step.{name}", f"ms per step, {what}", "ms", pairs)
    figures(report, f"step.{name}.cpu", "µs of CPU per step", "cpu", pairs)


def asked(order: str, size: int) -> tuple[str, dict[str, int], int]:
    """What a client is asked for one run, and how many steps that is."""
    if order == "chain":
        return "chains", {"count": 1, "steps": size}, size
    return "fan", {"width": size}, size


def leg(contestant: Contestant, order: str, given: dict[str, int], size: int) -> Leg:
    """It once, and again while the seconds last."""

    def measured(seconds: float) -> dict[str, float]:
        with contestant.awake():
            contestant.ask("chains", count=1, steps=2)  # who was stopped finds its place again
            took: list[float] = []
            before, until = contestant.cpu(), time.monotonic() + seconds
            while not took or time.monotonic() < until:
                took.append(contestant.ask(order, **given)["seconds"])
            after, count = contestant.cpu(), size * len(took)
        return {"ms": 1000 * sum(took) / count, **spent(before, after, count)}

    return measured
