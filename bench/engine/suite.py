"""All measures, in the order in which they are made."""

import dataclasses
import os

from bench import machine
from bench.engine import burdens, environment, goals, latency, ours, steps, throughput
from bench.engine.contestants import CELERY, DBOS, HISTORY, PREFECT, PROCRASTINATE, started
from bench.figures import OURS
from bench.run import Report

WITH_JOBS = (OURS, PROCRASTINATE, DBOS, CELERY)
WITH_STEPS = (OURS, DBOS, PREFECT)
FULL, QUICK = (5, 120.0), (1, 2.0)
"""Pairs, and seconds to spare; fewer than for requests, as a leg takes five times as long."""


def run(report: Report) -> None:
    """Measure, then hold against the goals."""
    os.sched_setaffinity(0, machine.CORES)  # nobody is kept on a core here
    pairs, spare = QUICK if report.plan.quick else FULL
    report.plan = dataclasses.replace(report.plan, pairs=pairs, spare=spare)
    with environment.opened(report.say) as place:
        report.note(f"peers: {', '.join(environment.versions())}")
        for database in ("ours", "history"):
            ours.prepare(place.url_of(database))
        with started(place, *WITH_JOBS, PREFECT, HISTORY) as all_of_them:
            jobs = {name: all_of_them[name] for name in WITH_JOBS}
            rates = throughput.run(report, jobs)
            latency.run(report, jobs, rates)
            steps.run(report, {name: all_of_them[name] for name in WITH_STEPS})
            burdens.run(report, all_of_them[OURS], all_of_them[HISTORY], place)
    goals.run(report)
