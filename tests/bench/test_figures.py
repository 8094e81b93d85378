"""The benchmarks' statistics, on figures that a person can check."""

import itertools
from dataclasses import replace

import pytest

from bench.figures import CONTROL, OURS, Ratio, Void, as_json, in_band, metric, of_pair
from bench.run import QUICK, Leg, Report, measured
from bench.wrk import read

PAIRS = {
    OURS: [{"rate": 100.0}, {"rate": 90.0}, {"rate": 120.0}],
    "slow": [{"rate": 50.0}, {"rate": 30.0}, {"rate": 48.0}],
}


PLAN = replace(QUICK, warm_up=0)


def leg(name: str, order: list[str], rates: list[float]) -> Leg:
    """A leg that gives these rates in turn, and writes down that it ran."""
    turns = itertools.cycle(rates)

    def run(seconds: float) -> dict[str, float]:
        order.append(name)
        return {"rate": next(turns)}

    return run


def quiet() -> Report:
    """A report that prints nothing."""
    return Report(PLAN, say=lambda line: None)


def test_a_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_medians() -> None:
    found = metric("get", "requests/s", "rate", PAIRS)
    assert (found.ours, found.peers) == (100.0, {"slow": 48.0})
    assert found.ratio == {"slow": Ratio(median=2.5, min=2.0, max=3.0)}


def test_a_pair_is_the_mean_of_its_two_legs() -> None:
    assert of_pair({"rate": 90.0, "cpu": 1.0}, {"rate": 110.0, "cpu": 3.0}) == {
        "rate": 100.0,
        "cpu": 2.0,
    }


def test_a_peer_that_used_nothing_has_no_ratio() -> None:
    found = metric("cpu", "µs", "cpu", {OURS: [{"cpu": 5.0}], "idle": [{"cpu": 0.0}]})
    assert found.ratio == {}


def test_the_json_has_the_fixed_shape() -> None:
    found = as_json({"cores": 2}, [metric("get", "requests/s", "rate", PAIRS)])
    assert found == {
        "machine": {"cores": 2},
        "metrics": {
            "get": {
                "ours": 100.0,
                "peers": {"slow": 48.0},
                "ratio": {"slow": {"median": 2.5, "min": 2.0, "max": 3.0}},
                "unit": "requests/s",
            }
        },
    }


@pytest.mark.parametrize(("median", "even"), [(0.95, True), (1.05, True), (0.94, False)])
def test_a_control_is_even_within_five_percent(median: float, even: bool) -> None:
    assert in_band(Ratio(median, 0.5, 2.0)) is even


def test_contestants_go_there_and_back_again_with_a_control_of_ours() -> None:
    order: list[str] = []
    legs = {OURS: leg(OURS, order, [9.0]), "peer": leg("peer", order, [3.0])}
    pairs = measured(quiet(), "test", legs)
    assert order == [OURS, "peer", OURS, OURS, "peer", OURS] * PLAN.pairs
    assert pairs == {
        OURS: [{"rate": 9.0}] * PLAN.pairs,
        "peer": [{"rate": 3.0}] * PLAN.pairs,
        CONTROL: [{"rate": 9.0}] * PLAN.pairs,
    }


def test_a_metric_without_an_even_control_is_discarded_after_the_spare_time() -> None:
    report, order = quiet(), list[str]()
    report.spent = PLAN.spare
    outside_then_inside = leg(OURS, order, [10.0, 20.0, 20.0, 10.0])
    pairs = measured(report, "test", {OURS: outside_then_inside})
    report.add("get", "requests/s", "rate", pairs)
    assert (len(order), report.metrics, report.void) == (4 * PLAN.pairs, [], ["get"])


def test_an_uneven_control_is_given_more_pairs() -> None:
    order: list[str] = []
    at_first_uneven = leg(OURS, order, [10.0, 20.0, 20.0, 10.0, *[15.0] * 400])
    report = quiet()
    report.add("get", "requests/s", "rate", measured(report, "test", {OURS: at_first_uneven}))
    assert len(order) == 4 * (PLAN.pairs + 1)
    assert [metric.name for metric in report.metrics] == ["get"]


def test_a_run_with_an_error_is_void() -> None:
    assert read("figures 300 2000000 0 0", 0.1).requests == 300
    for said in ("figures 300 2000000 1 0", "figures 300 2000000 0 1", "unexpected symbol"):
        with pytest.raises(Void):
            read(said, 0.1)
