"""What a step of a run costs, in a chain and side by side."""

import time
from collections.abc import Mapping

from bench.engine.contestants import PREFECT, Contestant
from bench.engine.families import family, figures, spent
from bench.run import Leg, Report

CHAIN, FAN = 40, 1000
FULL, QUICK = {"chain": 40, "fan": 100}, {"chain": 3, "fan": 6}
"""For Prefect, whose steps take so long."""


def run(report: Report, contestants: Mapping[str, Contestant]) -> None:
    """Chain, then fan-out and fan-in."""
    for order, size in (("chain", CHAIN), ("fan", FAN)):
        fewer = (QUICK if report.plan.quick else FULL)[order]
        sizes = dict.fromkeys(contestants, size) | {PREFECT: fewer}
        report.note(f"{order}: {size:,} steps, Prefect {fewer}")
        legs = {who: leg(one, order, sizes[who]) for who, one in contestants.items()}
        pairs = family(report, f"{order} of {size} steps", legs, 0.5)
        report.add(f"step.{order}", f"ms per step, {order} of {size:,}", "ms", pairs)
        figures(report, f"step.{order}.cpu", "µs of CPU per step", "cpu", pairs)


def leg(contestant: Contestant, order: str, size: int) -> Leg:
    """One run, and more while the seconds last."""
    given = {"steps": size} if order == "chain" else {"width": size}

    def measure(seconds: float) -> dict[str, float]:
        with contestant.awake():
            contestant.ask("chain", steps=2)  # who was stopped finds its place again
            took: list[float] = []
            before, until = contestant.cpu(), time.monotonic() + seconds
            while not took or time.monotonic() < until:
                took.append(contestant.ask(order, **given)["seconds"])
            after, count = contestant.cpu(), size * len(took)
        return {"ms": 1000 * sum(took) / count, **spent(before, after, count)}

    return measure
