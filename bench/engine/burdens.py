"""Ours with a history in its tables, and beside a transaction that is held open."""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.engine.contestants import HISTORY, Contestant
from bench.engine.environment import Place
from bench.engine.families import family
from bench.engine.history import fill
from bench.engine.throughput import leg
from bench.figures import OURS
from bench.run import Leg, Report

HELD = "ours, a transaction held open"
FULL = (1_000_000, 100_000, 180.0)
QUICK = (20_000, 5_000, 1.5)
"""Finished jobs, waiting jobs, seconds of the transaction."""


def run(report: Report, plain: Contestant, history: Contestant, place: Place) -> None:
    """Both beside ours without."""
    finished, waiting, held_s = QUICK if report.plan.quick else FULL
    with psycopg.connect(place.url_of("history"), autocommit=True) as owner:
        fill(owner, finished, waiting)
        owner.execute(b"VACUUM (ANALYZE)")
        owner.execute(b"CHECKPOINT")
    legs = {OURS: leg(plain, "jobs"), HISTORY: leg(history, "jobs")}
    pairs = family(report, f"with {finished:,} finished and {waiting:,} waiting jobs", legs)
    report.add("history", f"jobs/s; history of {finished:,} + {waiting:,} waiting", "rate", pairs)
    with psycopg.connect(place.url_of("ours")) as other:
        legs = {OURS: leg(plain, "jobs"), HELD: beside(other, plain, held_s)}
        # Two transactions are long enough, and all is warm.
        report.plan = dataclasses.replace(report.plan, pairs=1, warm_up=0, spare=0.0)
        pairs = family(report, f"beside a transaction held for {held_s:.0f} s", legs)
    report.add("held", f"jobs/s; transaction held for {held_s:.0f} s", "rate", pairs)


def beside(
    other: "psycopg.Connection[tuple[object, ...]]", contestant: Contestant, seconds: float
) -> Leg:
    """Jobs all the time while the transaction is open; the figure is that of the last leg."""
    plain = leg(contestant, "jobs")

    def measure(each: float) -> dict[str, float]:
        with held(other):
            until, found = time.monotonic() + seconds, plain(each)
            while time.monotonic() < until:
                found = plain(each)
        return found

    return measure


@contextmanager
def held(other: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """A transaction with a snapshot and a number of its own, so that nothing can be vacuumed."""
    other.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    other.execute(b"SELECT pg_current_xact_id(), count(*) FROM pg_class")
    yield
    other.rollback()
