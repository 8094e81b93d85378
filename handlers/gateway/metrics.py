"""`/metrics` for Prometheus, on a port of its own that all processes of a machine share.

Each process writes its figures once a second (`services/exchange.py`); the kernel gives a scrape to
any of them, and that one answers for all.
"""

import asyncio
import contextlib
import itertools
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from msgspec.structs import asdict

from services import metrics, system
from services.context import App
from services.exchange import Exchange, Sample
from services.metrics import BUCKETS, METRICS, Metric, Timing, merged

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

log = structlog.get_logger()

WRITE_S = 1.0
QUEUE_EVERY = 5
SCRAPE_S = 5


@contextlib.asynccontextmanager
async def exposed(app: App) -> AsyncIterator[None]:
    """Show this process's figures, with those of the others, while this block runs."""
    settings = app.settings
    if not settings.metrics_port:
        yield
        return
    place = f"{socket.gethostname()}-{settings.metrics_port}"
    exchange = Exchange(settings.data_dir / "metrics" / place)
    with exchange.joined(), serving(exchange, settings.host, settings.metrics_port):
        writing = asyncio.create_task(write(app, exchange))
        try:
            yield
        finally:
            writing.cancel()
            exchange.write(samples(app))


async def write(app: App, exchange: Exchange) -> None:
    """Write the figures once a second; those of the queue are asked for less often."""
    queue: list[Sample] = []
    for turn in itertools.count():
        if turn % QUEUE_EVERY == 0:
            queue = depths(await system.get_queue_depth(app), await system.get_vitals(app))
        try:
            exchange.write(samples(app) + queue)
        except OSError as error:
            log.warning("metrics.not_written", error=repr(error))
        await asyncio.sleep(WRITE_S)


def depths(depth: "system.QueueDepth | None", vitals: "system.Vitals | None") -> list[Sample]:
    """The figures of the queue, as far as the database told them."""
    found = []
    if depth is not None:
        found += [Sample(metrics.QUEUE.name, (name,), n) for name, n in asdict(depth).items()]
    if vitals is not None:
        found.append(Sample(metrics.OLDEST.name, ("all",), vitals.oldest_ready_seconds))
        found.append(Sample(metrics.OLDEST.name, ("own",), vitals.oldest_own_ready_seconds))
    return found


def samples(app: App) -> list[Sample]:
    """The figures of this process."""
    counted = app.metrics
    found = [
        Sample(metrics.IN_FLIGHT.name, (), counted.in_flight),
        Sample(metrics.STREAMS.name, (), sum(map(app.hints.waiting, ("event", "feed")))),
        Sample(metrics.WORKING.name, (), counted.working),
        Sample(metrics.SLOTS.name, (), counted.slots),
        Sample(metrics.LEASES_LOST.name, (), counted.leases_lost),
        Sample(metrics.RECONNECTS.name, (), app.hints.reconnects),
    ]
    for operation_id, count in counted.mismatches.items():
        found.append(Sample(metrics.MISMATCHES.name, (operation_id,), count))
    for outcome, count in counted.claims.items():
        found.append(Sample(metrics.CLAIMS.name, (outcome,), count))
    for read, count in app.cache.counts.items():
        found.append(Sample(metrics.CACHE.name, read, count))
    for pool, states in app.db.connections().items():
        found += [Sample(metrics.POOL.name, (pool, name), n) for name, n in states.items()]
    found += timed(metrics.REQUESTS, metrics.LATENCY, counted.requests)
    return found + timed(metrics.TASKS, metrics.TASK_TIME, counted.tasks)


def timed(count: Metric, duration: Metric, timings: dict[Any, Timing]) -> list[Sample]:
    """A counter by all labels, and a histogram by those that it has."""
    by_place: defaultdict[tuple[str, ...], list[Timing]] = defaultdict(list)
    found = []
    for labels, timing in timings.items():
        found.append(Sample(count.name, tuple(map(str, labels)), sum(timing.counts)))
        by_place[labels[: len(duration.labels)]].append(timing)
    return found + [Sample(duration.name, place, merged(t)) for place, t in by_place.items()]


@contextlib.contextmanager
def serving(exchange: Exchange, host: str, port: int) -> Iterator[None]:
    """Answer scrapes from a thread, so that a busy event loop cannot delay them."""
    from prometheus_client import CollectorRegistry, make_wsgi_app

    registry = CollectorRegistry()
    registry.register(Collected(exchange))
    try:
        server = Server((host, port), Quiet)
    except OSError as error:
        log.error("metrics.port_taken", port=port, error=repr(error))
        yield
        return
    server.set_app(only_metrics(make_wsgi_app(registry)))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class Server(ThreadingMixIn, WSGIServer):
    """An HTTP server on a port that other processes of the same user may have, too."""

    allow_reuse_port = True
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind, without the question to the name server that the base class asks."""
        TCPServer.server_bind(self)
        host, self.server_port = self.server_address[:2]
        self.server_name = str(host)
        self.setup_environ()


class Quiet(WSGIRequestHandler):
    """A connection that is not logged, and not waited for for ever."""

    timeout = SCRAPE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def only_metrics(serve: Any) -> Any:
    """A WSGI application that has one path."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/metrics":
            return serve(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"The figures are at /metrics.\n"]

    return application


class Collected:
    """The figures of all processes, as prometheus-client collects them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def collect(self) -> "Iterator[Family]":
        """Each metric with its samples."""
        by_name: defaultdict[str, list[Sample]] = defaultdict(list)
        for sample in sorted(self._exchange.totals(), key=lambda sample: sample.labels):
            by_name[sample.name].append(sample)
        for metric in METRICS:
            yield family(metric, by_name[metric.name])


def family(metric: Metric, found: list[Sample]) -> "Family":
    """One metric with its samples, for prometheus-client."""
    from prometheus_client import core

    kinds: dict[str, Any] = {
        "counter": core.CounterMetricFamily,
        "gauge": core.GaugeMetricFamily,
        "histogram": core.HistogramMetricFamily,
    }
    shown = kinds[metric.kind](metric.name, metric.help, labels=metric.labels)
    for sample in found:
        if isinstance(sample.value, Timing):
            shown.add_metric(sample.labels, cumulated(sample.value), sample.value.seconds)
        else:
            shown.add_metric(sample.labels, sample.value)
    result: Family = shown
    return result


def cumulated(timing: Timing) -> list[tuple[str, int]]:
    """The buckets as Prometheus has them: each holds those before it."""
    bounds = [*map(str, BUCKETS), "+Inf"]
    return list(zip(bounds, itertools.accumulate(timing.counts), strict=True))
