"""Ours with a history in its tables, and beside a transaction that is held open."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.engine.contestants import HISTORY, Contestant
from bench.engine.environment import Place
from bench.engine.families import family
from bench.engine.ours import PARKED, TENANT
from bench.engine.throughput import leg
from bench.figures import OURS
from bench.run import Leg, Report
from services.engine.lanes import Lane

HELD = "ours, a transaction held open"
FULL = (1_000_000, 100_000, 180.0)
QUICK = (20_000, 5_000, 1.5)
"""Finished jobs, waiting jobs, seconds of the transaction."""
WEEK = "'job_' || substr(job_id_at(now() - interval '1 s' * n / 1000), 5) || lpad(n::text, 16, '0')"
FILL = """
INSERT INTO queue (tenant_id, name) VALUES ('{tenant}', 'default') ON CONFLICT DO NOTHING;
INSERT INTO lane (tenant_id, id, queue, kind, priority)
VALUES ('{tenant}', {lane}, 'default', '{kind}', 0) ON CONFLICT DO NOTHING;
CREATE TEMP TABLE made AS SELECT n, n > {finished} AS waits, {id} AS id
FROM generate_series(1, {finished} + {waiting}) AS n;
INSERT INTO run (tenant_id, id, kind, solo, status, trigger, queue, input, output, open_tasks,
                 next_seq, started_at, completed_at)
SELECT '{tenant}', id, 'bench', true, CASE WHEN waits THEN 'queued' ELSE 'succeeded' END, 'api',
       'default', jsonb_build_object('n', n),
       CASE WHEN NOT waits THEN jsonb_build_object('n', n, 'twice', 2 * n) END,
       waits::int, CASE WHEN waits THEN 2 ELSE 4 END,
       CASE WHEN NOT waits THEN now() END, CASE WHEN NOT waits THEN now() END FROM made;
INSERT INTO task (tenant_id, run_id, id, kind, slug, sequence, status, lane, attempt, max_attempts)
SELECT '{tenant}', id, 'task' || substr(id, 4), '{kind}', 'bench', 0,
       CASE WHEN waits THEN 'pending' ELSE 'succeeded' END, {lane}, (NOT waits)::int, 3 FROM made;
INSERT INTO event (tenant_id, id, run_id, seq, type, payload)
SELECT '{tenant}', 'evt' || substr(id, 4, 26) || seq, id, seq,
       (ARRAY['run.created', 'task.started', 'run.completed'])[seq], '{{}}'
FROM made CROSS JOIN generate_series(1, 3) AS seq WHERE seq = 1 OR NOT waits;
INSERT INTO ready (tenant_id, run_id, task_id, lane, run_at)
SELECT '{tenant}', id, 'task' || substr(id, 4), {lane},
       CASE WHEN n % 2 = 0 THEN now() + interval '1 day' END FROM made WHERE waits;
"""


def run(report: Report, plain: Contestant, history: Contestant, place: Place) -> None:
    """Both beside ours without."""
    finished, waiting, held_s = QUICK if report.plan.quick else FULL
    with psycopg.connect(place.url_of("history"), autocommit=True) as owner:
        fill(owner, finished, waiting)
    legs = {OURS: leg(plain, "jobs"), HISTORY: leg(history, "jobs")}
    pairs = family(report, f"with {finished:,} finished and {waiting:,} waiting jobs", legs)
    report.add("history", f"jobs/s; history of {finished:,} + {waiting:,} waiting", "rate", pairs)
    with psycopg.connect(place.url_of("ours")) as other:
        legs = {OURS: leg(plain, "jobs"), HELD: beside(other, plain, held_s)}
        pairs = family(report, f"beside a transaction held for {held_s:.0f} s", legs)
    report.add("held", f"jobs/s; transaction held for {held_s:.0f} s", "rate", pairs)


def fill(owner: "psycopg.Connection[tuple[object, ...]]", finished: int, waiting: int) -> None:
    """Finished jobs, and waiting ones: half of them free in a lane of their own, half for later."""
    lane = Lane(TENANT, "default", PARKED).id
    text = FILL.format(
        tenant=TENANT, lane=lane, kind=PARKED, finished=finished, waiting=waiting, id=WEEK
    )
    owner.execute(text.encode())
    owner.execute(b"VACUUM (ANALYZE)")
    owner.execute(b"CHECKPOINT")


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
