"""Results for people: a table for the terminal, and the one that docs/benchmarks.md holds."""

from collections.abc import Iterator
from typing import Any

from bench.figures import OURS, Metric
from bench.run import Report


def table(metrics: list[Metric]) -> Iterator[str]:
    """Lines for the terminal: each contestant, its figure, ours divided by it."""
    for found in metrics:
        yield f"\n{found.name} ({found.unit})"
        yield f"  {OURS:34}{number(found.ours):>10}"
        for who, value in found.peers.items():
            yield f"  {who:34}{number(value):>10}   {spread(found, who)}"


def markdown(report: Report, machine: dict[str, Any]) -> Iterator[str]:
    """Machine, tables and notes as Markdown."""
    versions = ", ".join(f"{name} {v}" for name, v in machine["packages"].items())
    yield f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux "
    yield f"{machine['kernel']}, Python {machine['python']}; {versions}."
    yield from ("", "| Measure | Contestant | Figure | Ours ÷ theirs: median (min to max) |")
    yield "|---|---|---:|---|"
    for found in report.metrics:
        yield f"| {found.name} ({found.unit}) | **{OURS}** | **{number(found.ours)}** | |"
        for who, value in found.peers.items():
            yield f"| | {who} | {number(value)} | {spread(found, who)} |"
    yield ""
    yield from (f"- {note}" for note in report.notes)


def spread(found: Metric, who: str) -> str:
    """The ratio to one peer."""
    if who not in found.ratio:
        return ""
    ratio = found.ratio[who]
    return f"{ratio.median:.2f} ({ratio.min:.2f} to {ratio.max:.2f})"


def number(value: float) -> str:
    """Three digits that count, and thousands apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
