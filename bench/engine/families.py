"""How the legs of this benchmark become metrics."""

import dataclasses
from collections.abc import Mapping

from bench.figures import CONTROL, Metric, in_band, metric
from bench.run import Leg, Pairs, Report, control_of, measured

SCALE = 5.0
"""A job takes longer than a request: so many times the plan's seconds for one leg."""


def scale(report: Report, full: float = 1.0) -> float:
    """By what to multiply the plan's seconds."""
    return SCALE if report.plan.quick else SCALE * full


def family(report: Report, name: str, legs: Mapping[str, Leg], full: float = 1.0) -> Pairs:
    """Measure; `full` times as long when not quick."""
    return measured(report, name, legs, scale(report, full))


def figures(report: Report, name: str, unit: str, measure: str, pairs: Pairs) -> None:
    """Keep figures that are aims by themselves; ratios only if the control is even."""
    control = control_of(pairs, measure)
    who = {name: found for name, found in pairs.items() if name != CONTROL}
    found = metric(name, unit, measure, who)
    if not in_band(control):
        report.note(f"{name}: no ratios, as ours against ours gives {control.median:.3f}")
        found = dataclasses.replace(found, ratio={})
    report.metrics.append(found)


def find(report: Report, name: str) -> Metric | None:
    """A metric that was kept."""
    return next((one for one in report.metrics if one.name == name), None)


def spent(before: Mapping[str, float], after: Mapping[str, float], count: int) -> dict[str, float]:
    """µs of CPU for each of so many, by part and in all."""
    parts = {f"cpu.{part}": 1e6 * (after[part] - before[part]) / count for part in before}
    return parts | {"cpu": sum(parts.values())}
