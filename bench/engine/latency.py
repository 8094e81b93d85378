"""From the commit of a job to its start, alone and among others."""

import contextlib
from collections.abc import Mapping

from bench.engine.contestants import Contestant
from bench.engine.families import family, figures
from bench.open_loop import quantile
from bench.run import Leg, Report

PROBES_PER_S = 25.0
FULL = 2.0
"""So many times as long as others, for enough samples: 200 a leg."""


def run(report: Report, contestants: Mapping[str, Contestant], rates: Mapping[str, float]) -> None:
    """Idle, then each at half of what it can do."""
    for name, share in (("idle", 0.0), ("half", 0.5)):
        legs = {who: leg(one, share * rates[who]) for who, one in contestants.items()}
        pairs = family(report, f"pickup, {name}", legs, FULL)
        unit = "ms from commit to start" if not share else "ms from commit to start, half-loaded"
        for quantile_name in ("p50", "p99"):
            figures(report, f"pickup.{name}.{quantile_name}", unit, quantile_name, pairs)
        figures(report, f"start.{name}.p99", "ms from the intended moment to start", "whole", pairs)


def leg(contestant: Contestant, load: float) -> Leg:
    """Probes in an open loop, beside so many other jobs a second."""

    def measure(seconds: float) -> dict[str, float]:
        with contestant.awake():
            contestant.ask("warm")
            beside = contestant.loaded(load, seconds) if load else contextlib.nullcontext()
            with beside:
                found = contestant.ask("probe", rate=PROBES_PER_S, seconds=seconds)
            contestant.ask("warm")
        return {
            "p50": quantile([ms / 1000 for ms in found["pickup"]], 0.5),
            "p99": quantile([ms / 1000 for ms in found["pickup"]], 0.99),
            "whole": quantile([ms / 1000 for ms in found["start"]], 0.99),
        }

    return measure
