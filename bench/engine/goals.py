"""What was aimed at, and whether it was reached."""

from dataclasses import dataclass

from bench.engine.burdens import HELD
from bench.engine.contestants import CELERY, DBOS, HISTORY, PROCRASTINATE
from bench.engine.families import find
from bench.figures import Metric
from bench.run import Report


@dataclass(frozen=True)
class Goal:
    """A bound for our figure, or for the ratio to a peer; `most` if less is better."""

    text: str
    metric: str
    bound: float
    peer: str = ""
    most: bool = False


GOALS = (
    Goal("20 times procrastinate", "jobs", 20, PROCRASTINATE),
    Goal("30 times DBOS", "jobs", 30, DBOS),
    Goal("10 times Celery (which can lose what it acknowledged)", "jobs", 10, CELERY),
    Goal("pickup idle, p50 under 5 ms", "pickup.idle.p50", 5, most=True),
    Goal("pickup idle, p99 under 25 ms", "pickup.idle.p99", 25, most=True),
    Goal("pickup half-loaded, p50 under 5 ms", "pickup.half.p50", 5, most=True),
    Goal("pickup half-loaded, p99 under 25 ms", "pickup.half.p99", 25, most=True),
    Goal("a step of a chain, at most 1/10 of DBOS", "step.chain", 0.1, DBOS, most=True),
    Goal("a step of a fan-out, at most 1/10 of DBOS", "step.fan", 0.1, DBOS, most=True),
    Goal("with history, at least 0.8 of without", "history", 1.25, HISTORY, most=True),
    Goal("beside an open transaction, at least 0.8 of without", "held", 1.25, HELD, most=True),
)


def run(report: Report) -> None:
    """A note for each goal."""
    for goal in GOALS:
        report.note(f"goal: {goal.text}: {verdict(goal, find(report, goal.metric))}")


def verdict(goal: Goal, found: Metric | None) -> str:
    """Met or missed, and by what."""
    if found is None or (goal.peer and goal.peer not in found.ratio):
        return "not known, as the control was not even"
    value = found.ratio[goal.peer].median if goal.peer else found.ours
    met = value <= goal.bound if goal.most else value >= goal.bound
    return f"{value:.3g}, {'met' if met else 'MISSED'}"
