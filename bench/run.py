"""The runner: legs in the order A-B-B-A, a control of ours against ours, time for a warm-up."""

import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench import machine
from bench.figures import CONTROL, OURS, Metric, Void, in_band, of_pair, ratio

Leg = Callable[[float], dict[str, float]]
"""Runs one contestant for so many seconds; gives its measures by name."""

Pairs = dict[str, list[dict[str, float]]]


@dataclass(frozen=True)
class Plan:
    """How long everything takes."""

    quick: bool
    pairs: int
    seconds: float
    """One leg over HTTP; in process a tenth."""
    more_pairs: int
    """So many may follow while the control is not even."""
    warm_up: int
    """So many legs at most before the first that counts."""
    connections: tuple[int, ...]
    starts: int
    """How often the cold start is measured."""


QUICK = Plan(True, 2, 0.15, 3, 1, (1, 16, 256), 1)
FULL = Plan(False, 7, 4.3, 7, 12, (1, 2, 4, 8, 16, 32, 64, 128, 256), 7)


@dataclass
class Report:
    """What a run found, growing."""

    plan: Plan
    title: str
    packages: tuple[str, ...]
    metrics: list[Metric] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    say: Callable[[str], None] = print

    def add(self, *metrics: Metric) -> None:
        """Keep metrics."""
        self.metrics += metrics

    def note(self, text: str) -> None:
        """Keep a line that belongs below the figures, and print it."""
        self.notes.append(text)
        self.say(f"  {text}")


def measured(report: Report, family: str, legs: Mapping[str, Leg], scale: float = 1.0) -> Pairs:
    """Pairs of legs of every contestant, with the control; prints how even that was.

    Raises: Void if ours against ours does not come out even.
    """
    plan, seconds, before = report.plan, report.plan.seconds * scale, machine.ticks()
    legs = {**legs, CONTROL: legs[OURS]}
    for name, leg in legs.items():
        warm(leg, plan.warm_up if name != CONTROL else 0, min(seconds, 1.0))
    pairs: Pairs = {name: [] for name in legs}
    for number in range(plan.pairs + plan.more_pairs):
        if number >= plan.pairs and in_band(control(pairs, legs)):
            break
        add_pair(pairs, legs, seconds)
    steal = machine.steal_share(before, machine.ticks())
    found = control(pairs, legs)
    report.note(
        f"{family}: {len(pairs[OURS])} pairs, ours against ours {found.median:.3f} "
        f"({found.min:.3f} to {found.max:.3f}), load {os.getloadavg()[0]:.2f}, steal {steal:.1%}"
    )
    if not in_band(found):
        raise Void(f"{family}: ours against ours gives {found.median:.3f}; the machine is not even")
    del pairs[CONTROL]
    return pairs


def add_pair(pairs: Pairs, legs: Mapping[str, Leg], seconds: float) -> None:
    """Every contestant once there and once back, so that a drift meets all alike."""
    gc.collect()
    there = {name: leg(seconds) for name, leg in legs.items()}
    back = {name: leg(seconds) for name, leg in reversed(list(legs.items()))}
    for name in legs:
        pairs[name].append(of_pair(there[name], back[name]))


def control(pairs: Pairs, legs: Mapping[str, Leg]) -> Any:
    """Ours against ours, by the first measure of the leg."""
    measure = next(iter(pairs[OURS][0]))
    return ratio(
        [pair[measure] for pair in pairs[OURS]], [pair[measure] for pair in pairs[CONTROL]]
    )


def warm(leg: Leg, limit: int, seconds: float) -> None:
    """Run until three windows agree within 5 %, or so many have passed."""
    windows: list[float] = []
    for _ in range(limit):
        windows.append(next(iter(leg(seconds).values())))
        last = windows[-3:]
        if len(last) == 3 and max(last) <= 1.05 * min(last):
            return
