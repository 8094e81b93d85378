"""What the engine's benchmark says of its goals."""

from bench.engine.goals import Goal, verdict
from bench.figures import Metric, Ratio


def found(value: float, ratio: float | None = None) -> Metric:
    """A metric with one peer, if there is a ratio to it."""
    ratios = {} if ratio is None else {"peer": Ratio(ratio, ratio, ratio)}
    return Metric("m", "u", value, {"peer": 1.0}, ratios)


def test_a_latency_above_its_bound_is_missed_and_one_below_is_met() -> None:
    goal = Goal("p50", "m", 5, most=True)
    assert verdict(goal, found(47.5)) == "47.5, MISSED"
    assert verdict(goal, found(4.9)) == "4.9, met"


def test_a_ratio_below_its_bound_is_missed_and_one_above_is_met() -> None:
    goal = Goal("20 times", "m", 20, "peer")
    assert verdict(goal, found(1.0, 10.7)) == "10.7, MISSED"
    assert verdict(goal, found(1.0, 20.5)) == "20.5, met"


def test_a_goal_whose_control_was_not_even_is_neither_met_nor_missed() -> None:
    unknown = "not known, as the control was not even"
    assert verdict(Goal("20 times", "m", 20, "peer"), found(1.0)) == unknown
    assert verdict(Goal("20 times", "m", 20, "peer"), None) == unknown
