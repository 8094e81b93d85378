"""The statistics: pairs of legs become ratios, and ratios become metrics of a fixed JSON shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

OURS = "ours"
CONTROL = "ours again"
BAND = (0.95, 1.05)


class Void(Exception):
    """The run says nothing; the message says why."""


@dataclass(frozen=True)
class Ratio:
    """Ours divided by the peer's: the middle of the pairs, and the outermost two."""

    median: float
    min: float
    max: float


@dataclass(frozen=True)
class Metric:
    """One figure, for us and for others."""

    name: str
    unit: str
    ours: float
    peers: dict[str, float] = field(default_factory=dict)
    ratio: dict[str, Ratio] = field(default_factory=dict)


def ratio(ours: Sequence[float], peer: Sequence[float]) -> Ratio:
    """The ratios of equally many legs, pair by pair."""
    ratios = [a / b if a != b else 1.0 for a, b in zip(ours, peer, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def of_pair(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """The mean of the two legs that a contestant runs in a pair A-B-B-A."""
    return {name: fmean((first[name], last[name])) for name in first}


def metric(
    name: str,
    unit: str,
    measure: str,
    pairs: Mapping[str, Sequence[Mapping[str, float]]],
    ours: str = OURS,
) -> Metric:
    """One measure of all contestants: the median of each, and the ratio of ours to every other.

    A ratio is always ours divided by theirs: over 1 is better for a rate, under 1 for a cost.
    """
    values = {who: [pair[measure] for pair in found] for who, found in pairs.items()}
    own = values.pop(ours)
    return Metric(
        name,
        unit,
        median(own),
        {who: median(found) for who, found in values.items()},
        {who: ratio(own, found) for who, found in values.items() if min(found) > 0},
    )


def in_band(control: Ratio) -> bool:
    """Whether a contestant against itself came out even."""
    return BAND[0] <= control.median <= BAND[1]


def as_json(machine: Mapping[str, Any], metrics: Sequence[Metric]) -> dict[str, Any]:
    """The result as it is written with --json."""
    return {"machine": dict(machine), "metrics": {m.name: metric_as_json(m) for m in metrics}}


def metric_as_json(found: Metric) -> dict[str, Any]:
    """One metric of the result."""
    return {
        "ours": found.ours,
        "peers": found.peers,
        "ratio": {
            who: {"median": r.median, "min": r.min, "max": r.max} for who, r in found.ratio.items()
        },
        "unit": found.unit,
    }
