"""The figures of one process, as plain numbers: to count costs a fraction of a microsecond.

What they are called and what they mean is in `METRICS`; `handlers/gateway/metrics.py` shows them,
summed over the processes of the machine.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

import msgspec

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histograms' buckets, in seconds; one for what takes longer follows."""


class Metric(msgspec.Struct, frozen=True):
    """A figure by its name for Prometheus."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    across: Literal["sum", "latest"] = "sum"
    """What the processes' gauges make together."""


REQUESTS = Metric(
    "prazium_http_requests_total", "counter", "Requests answered.", ("route", "method", "status")
)
LATENCY = Metric(
    "prazium_http_request_duration_seconds",
    "histogram",
    "From a request's first byte here to its answer's last; streams count when they end.",
    ("route", "method"),
)
IN_FLIGHT = Metric(
    "prazium_http_requests_in_flight", "gauge", "Requests being answered, streams among them."
)
STREAMS = Metric("prazium_stream_clients", "gauge", "Open event streams.")
MISMATCHES = Metric(
    "prazium_response_mismatches_total",
    "counter",
    "Answers that did not match the contract.",
    ("operation",),
)
TASKS = Metric(
    "prazium_tasks_total",
    "counter",
    "Attempts at tasks that a worker ended: done, failed or lost.",
    ("kind", "outcome"),
)
TASK_TIME = Metric(
    "prazium_task_duration_seconds", "histogram", "How long an attempt at a task took.", ("kind",)
)
WORKING = Metric("prazium_worker_tasks", "gauge", "Tasks that the workers are at.")
SLOTS = Metric("prazium_worker_slots", "gauge", "Tasks that the workers have room for.")
CLAIMS = Metric(
    "prazium_claims_total",
    "counter",
    "Claims, of workers here and over HTTP: taken if they got a task, empty if none.",
    ("outcome",),
)
LEASES_LOST = Metric(
    "prazium_leases_lost_total",
    "counter",
    "Leases that ran out without a word of their worker, and were freed by one here.",
)
POOL = Metric(
    "prazium_pool_connections",
    "gauge",
    "Database connections: open, in_use; and waiting, the requests that wait for one.",
    ("pool", "state"),
)
QUEUE = Metric(
    "prazium_queue_tasks",
    "gauge",
    "Tasks of all tenants: ready, delayed, running, waiting in graphs; missing without a database.",
    ("state",),
    "latest",
)
OLDEST = Metric(
    "prazium_queue_oldest_seconds",
    "gauge",
    "How long the longest waiting free task has waited; own are those of Prazium's own workers.",
    ("tasks",),
    "latest",
)
CACHE = Metric(
    "prazium_cache_reads_total",
    "counter",
    "Looks for a kept answer, by level (process, shared): hit, miss, or away.",
    ("level", "outcome"),
)
RECONNECTS = Metric(
    "prazium_hint_reconnects_total", "counter", "How often a connection for hints was lost."
)
METRICS = (
    REQUESTS,
    LATENCY,
    IN_FLIGHT,
    STREAMS,
    MISMATCHES,
    TASKS,
    TASK_TIME,
    WORKING,
    SLOTS,
    CLAIMS,
    LEASES_LOST,
    POOL,
    QUEUE,
    OLDEST,
    CACHE,
    RECONNECTS,
)
BY_NAME = {metric.name: metric for metric in METRICS}


class Timing(msgspec.Struct):
    """How often and how long: a count for each bucket, and the seconds in all."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one that took so long."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds


def merged(timings: Iterable[Timing]) -> Timing:
    """All of them as one."""
    every = list(timings)
    counts = [sum(column) for column in zip(*(timing.counts for timing in every), strict=True)]
    return Timing(counts, sum(timing.seconds for timing in every))


class Metrics:
    """What a process has counted since its start."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.working = 0
        self.slots = 0
        self.leases_lost = 0
        self.claims: dict[str, int] = {"taken": 0, "empty": 0}
        self.requests: defaultdict[tuple[str, str, int], Timing] = defaultdict(Timing)
        self.tasks: defaultdict[tuple[str, str], Timing] = defaultdict(Timing)
        self.mismatches: defaultdict[str, int] = defaultdict(int)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered; status 0 if the client had gone."""
        self.requests[route, method, status].add(seconds)

    def task(self, kind: str, outcome: Literal["done", "failed", "lost"], seconds: float) -> None:
        """An attempt at a task has ended."""
        self.tasks[kind, outcome].add(seconds)

    def mismatch(self, operation_id: str) -> None:
        """An answer did not match the contract."""
        self.mismatches[operation_id] += 1
