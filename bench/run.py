"""The runner: legs in the order A-B-B-A, a control of ours against ours, time for a warm-up."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench import machine
from bench.figures import CONTROL, OURS, Metric, Ratio, in_band, metric, of_pair, ratio

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
    spare: float
    """Seconds in all for more pairs where the control is not even."""
    warm_up: int
    """So many legs at most before the first that counts."""
    connections: tuple[int, ...]
    starts: int
    """How often the cold start is measured."""
    copies: int
    """Processes of every contestant without SQL."""


QUICK = Plan(True, 2, 0.08, 3.0, 1, (1, 16, 256), 1, 1)
FULL = Plan(False, 11, 0.8, 240.0, 6, (1, 2, 4, 8, 16, 32, 64, 128, 256), 7, 3)


@dataclass
class Report:
    """What a run found, growing."""

    plan: Plan
    say: Callable[[str], None] = print
    metrics: list[Metric] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    void: list[str] = field(default_factory=list)
    """Families whose first measure was discarded, because its control was not even."""
    spent: float = 0.0
    """Of the plan's spare seconds."""

    def note(self, text: str) -> None:
        """Keep a line that belongs below the figures, and print it."""
        self.notes.append(text)
        self.say(f"  {text}")

    def add(self, name: str, unit: str, measure: str, pairs: Pairs, ours: str = OURS) -> None:
        """Keep one measure of a family, unless ours against ours did not come out even."""
        control = control_of(pairs, measure)
        if in_band(control):
            contestants = {who: found for who, found in pairs.items() if who != CONTROL}
            self.metrics.append(metric(name, unit, measure, contestants, ours))
            return
        self.note(f"{name} is discarded: ours against ours gives {control.median:.3f}")
        if measure == first_measure(pairs):
            self.void.append(name)


def measured(report: Report, family: str, legs: Mapping[str, Leg], scale: float = 1.0) -> Pairs:
    """Pairs of legs of every contestant and of the control; prints how even that was."""
    plan, seconds, before = report.plan, report.plan.seconds * scale, machine.ticks()
    for leg in legs.values():
        warm(leg, plan.warm_up, min(seconds, 1.0))
    pairs = paired(report, {**legs, CONTROL: legs[OURS]}, seconds)
    load, steal = os.getloadavg()[0], machine.steal_share(before, machine.ticks())
    control = control_of(pairs, first_measure(pairs))
    report.note(
        f"{family}: {len(pairs[OURS])} pairs, ours against ours {control.median:.3f} "
        f"({control.min:.3f} to {control.max:.3f}), load {load:.2f}, steal {steal:.1%}"
    )
    return pairs


def paired(report: Report, legs: Mapping[str, Leg], seconds: float) -> Pairs:
    """The plan's pairs; more while the control is not even and there is time to spare."""
    pairs: Pairs = {name: [] for name in legs}
    for _ in range(report.plan.pairs):
        add_pair(pairs, legs, seconds)
    while not in_band(control_of(pairs, first_measure(pairs))):
        if report.spent >= report.plan.spare:
            break
        began = time.monotonic()
        add_pair(pairs, legs, seconds)
        report.spent += time.monotonic() - began
    return pairs


def add_pair(pairs: Pairs, legs: Mapping[str, Leg], seconds: float) -> None:
    """Every contestant once there and once back, so that a drift meets all alike."""
    there = {name: leg(seconds) for name, leg in legs.items()}
    back = {name: leg(seconds) for name, leg in reversed(list(legs.items()))}
    for name in legs:
        pairs[name].append(of_pair(there[name], back[name]))


def first_measure(pairs: Pairs) -> str:
    """The measure that a family is about."""
    return next(iter(pairs[OURS][0]))


def control_of(pairs: Pairs, measure: str) -> Ratio:
    """Ours against ours."""
    own, again = ([pair[measure] for pair in pairs[who]] for who in (OURS, CONTROL))
    return ratio(own, again)


def warm(leg: Leg, limit: int, seconds: float) -> None:
    """Run until three windows agree within 5 %, or so many have passed."""
    windows: list[float] = []
    for _ in range(limit):
        windows.append(next(iter(leg(seconds).values())))
        last = windows[-3:]
        if len(last) == 3 and max(last) <= 1.05 * min(last):
            return
