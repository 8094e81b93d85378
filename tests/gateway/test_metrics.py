"""Figures: those of all processes together, of the living alone where that is what counts."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from handlers.gateway.metrics import serving
from services import metrics
from services.exchange import Exchange, Sample
from services.metrics import METRICS, Metrics, Timing
from tests.docs.markdown import codes, read, rows, section
from tests.gateway.conftest import Watched, eventually, start_run

CHILD = """
import sys, time
from pathlib import Path
from services.exchange import Exchange, Sample
exchange = Exchange(Path(sys.argv[1]))
with exchange.joined():
    exchange.write([
        Sample("prazium_http_requests_in_flight", (), 5.0),
        Sample("prazium_response_mismatches_total", ("get_run",), 2.0),
    ])
    print("written", flush=True)
    time.sleep(60)
"""


def figures(text: str) -> dict[str, float]:
    """Every sample of an exposition by its name and labels."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def totals(exchange: Exchange) -> dict[tuple[str, tuple[str, ...]], object]:
    """What an exchange holds by name and labels."""
    return {(sample.name, sample.labels): sample.value for sample in exchange.totals()}


def test_requests_to_two_processes_are_counted_together(watched: Watched) -> None:
    for _ in range(20):
        watched.http.get("/admin/stats").raise_for_status()
    labels = [("method", "GET"), ("route", "/v1/admin/stats"), ("status", "200")]

    def counted() -> bool:
        return figures(watched.metrics()).get(f"prazium_http_requests_total{labels}") == 20

    eventually(counted)
    assert all(counted() for _ in range(6))  # whichever process answers
    assert "metrics.port_taken" not in watched.log.read_text()
    folder = watched.stack.data_dir / "metrics"
    served = [path for path in folder.rglob("*.json") if b"/v1/admin/stats" in path.read_bytes()]
    assert len(served) == 2


def test_there_is_nothing_but_the_figures_on_that_port(watched: Watched) -> None:
    assert httpx.get(watched.metrics_url.replace("/metrics", "/")).status_code == 404


def test_the_histogram_counts_what_the_counter_counts(watched: Watched) -> None:
    watched.http.get("/projects").raise_for_status()
    place = [("method", "GET"), ("route", "/v1/projects")]
    count = f"prazium_http_request_duration_seconds_count{place}"
    found = eventually(lambda: figures(watched.metrics()).get(count))
    bucket = f"prazium_http_request_duration_seconds_bucket{[('le', '+Inf'), *place]}"
    assert figures(watched.metrics())[bucket] == found


def test_a_path_that_leads_nowhere_makes_no_figures_of_its_own(watched: Watched) -> None:
    watched.http.get("/nowhere/at/all")
    labels = [("method", "GET"), ("route", "(none)"), ("status", "404")]
    eventually(lambda: figures(watched.metrics()).get(f"prazium_http_requests_total{labels}"))
    assert "nowhere" not in watched.metrics()


def test_tasks_streams_queue_and_pools_are_shown(watched: Watched) -> None:
    path, _ = start_run(watched.http)
    with watched.http.stream("GET", f"{path}/events/stream"):
        eventually(lambda: figures(watched.metrics())["prazium_stream_clients[]"] == 1)
        assert figures(watched.metrics())["prazium_http_requests_in_flight[]"] >= 1
        done = f"prazium_tasks_total{[('kind', 'build.decompose'), ('outcome', 'done')]}"
        eventually(lambda: figures(watched.metrics()).get(done))
        watched.http.post(f"{path}/cancel")
    shown = figures(watched.metrics())
    assert {name.partition("[")[0] for name in shown} >= {
        "prazium_queue_tasks",
        "prazium_worker_tasks",
        "prazium_task_duration_seconds_count",
        "prazium_hint_reconnects_total",
    }
    assert shown[f"prazium_pool_connections{[('pool', 'prazium_app'), ('state', 'open')]}"] >= 2


def test_the_gauges_of_a_killed_process_are_gone_and_its_counts_stay(tmp_path: Path) -> None:
    mine = Exchange(tmp_path)
    gauge = (metrics.IN_FLIGHT.name, ())
    counter = (metrics.MISMATCHES.name, ("get_run",))
    with mine.joined():
        mine.write([Sample(*gauge, 1.0), Sample(*counter, 1.0)])
        command = [sys.executable, "-c", CHILD, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"written\n"
            assert totals(mine) == {gauge: 6.0, counter: 3.0}
            child.kill()
            child.wait()
        assert totals(mine) == {gauge: 1.0, counter: 3.0}
        with Exchange(tmp_path).joined():  # it clears up, and loses no count
            assert totals(mine) == {gauge: 1.0, counter: 3.0}


def test_who_starts_alone_starts_from_zero(tmp_path: Path) -> None:
    with (first := Exchange(tmp_path)).joined():
        first.write([Sample(metrics.MISMATCHES.name, ("get_run",), 1.0)])
    with (second := Exchange(tmp_path)).joined():
        assert second.totals() == []


def test_of_what_all_processes_know_the_latest_counts(tmp_path: Path) -> None:
    one, other = Exchange(tmp_path), Exchange(tmp_path)
    with one.joined(), other.joined():
        for exchange, depth in ((one, 3.0), (other, 4.0), (one, 5.0)):
            exchange.write([Sample(metrics.QUEUE.name, ("ready",), depth)])
        assert totals(one) == {(metrics.QUEUE.name, ("ready",)): 5.0}


def test_a_duration_is_counted_in_its_bucket() -> None:
    counted = Metrics()
    for seconds in (0.001, 0.0011, 99.0):
        counted.request("/v1/runs", "GET", 200, seconds)
    timing = counted.requests["/v1/runs", "GET", 200]
    assert (timing.counts[0], timing.counts[1], timing.counts[-1]) == (1, 1, 1)
    assert metrics.merged([timing, timing]) == Timing([2 * n for n in timing.counts], 198.0042)


def test_a_port_that_is_taken_does_not_stop_the_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(Exchange(tmp_path), "127.0.0.1", port):
            assert "metrics.port_taken" in "".join(capsys.readouterr())


def test_the_table_of_the_documentation_has_every_metric() -> None:
    chapter = section(read("docs/operations.md"), "## Logs, traces, metrics")
    table = rows(section(chapter, "### Metrics"))
    documented = {codes(row[0])[0]: (row[1], tuple(codes(row[2]))) for row in table}
    assert documented == {metric.name: (metric.kind, metric.labels) for metric in METRICS}
