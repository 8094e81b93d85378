"""Jobs end to end, and how fast they can be queued."""

from collections.abc import Mapping

from bench.engine.contestants import Contestant
from bench.engine.families import family, figures, spent
from bench.figures import OURS
from bench.run import Leg, Report

FEWEST = 50
GUESS = 200.0
PARTS = ("client", "worker", "store")


def run(report: Report, contestants: Mapping[str, Contestant]) -> dict[str, float]:
    """Both; the jobs per second of each from end to end."""
    name = "jobs"
    pairs = family(
        report, "jobs from end to end", {w: leg(c, "jobs") for w, c in contestants.items()}
    )
    report.add(name, "jobs/s, queued in transactions of 1,000 → all results stored", "rate", pairs)
    figures(report, f"{name}.cpu", "µs of CPU per job, all processes", "cpu", pairs)
    for part in PARTS:
        figures(report, f"{name}.cpu.{part}", f"µs of CPU per job, {part}", f"cpu.{part}", pairs)
    rates = {who: sum(p["rate"] for p in found) / len(found) for who, found in pairs.items()}
    queued = family(report, "queued", {w: leg(c, "park") for w, c in contestants.items()})
    report.add("enqueue", "jobs/s queued in transactions of 1,000", "rate", queued)
    figures(report, "enqueue.cpu", "µs of CPU per job queued", "cpu", queued)
    return {who: rates[who] for who in (OURS, *contestants)}


def leg(contestant: Contestant, order: str) -> Leg:
    """As many jobs as fill the seconds, by the rate of the last leg."""
    last = {"rate": GUESS}

    def measure(seconds: float) -> dict[str, float]:
        count = max(int(last["rate"] * seconds), FEWEST)
        with contestant.awake():
            contestant.ask("warm")
            before = contestant.cpu()
            took = contestant.ask(order, count=count)["seconds"]
            after = contestant.cpu()
            if order == "jobs":
                contestant.ask("check")
            contestant.ask("clear")
        last["rate"] = count / took
        return {"rate": count / took, **spent(before, after, count)}

    return measure
