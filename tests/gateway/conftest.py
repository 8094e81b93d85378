"""The product as an operator watches it: two API processes, a worker, metrics and spans."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from psycopg.conninfo import make_conninfo

from scripts.stack import Stack, free_port
from services.settings import Settings
from tests.stacks import running_with

T = TypeVar("T")

HOST = "127.0.0.1"
PATIENCE_S = 20.0


class Collector(ThreadingHTTPServer):
    """An OTLP endpoint over HTTP that keeps the spans it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), Receives)
        self.spans: list[Span] = []

    @property
    def url(self) -> str:
        """The endpoint without its path."""
        return f"http://{HOST}:{self.server_port}"


class Receives(BaseHTTPRequestHandler):
    """One POST of spans."""

    server: Collector

    def do_POST(self) -> None:
        """Keep the spans if the path is that of traces."""
        request = ExportTraceServiceRequest()
        request.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/traces":
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Watched:
    """A running product with everything that can be seen of it from outside."""

    stack: Stack
    metrics_url: str
    collector: Collector
    http: httpx.Client = field(repr=False)

    @property
    def log(self) -> Path:
        """What all its processes have logged."""
        return self.stack.data_dir / "prazium.log"

    def metrics(self) -> str:
        """The figures as Prometheus reads them."""
        answer = httpx.get(self.metrics_url)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="session")
def watched(
    cluster: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """Two API processes and a worker that show their figures and send their spans."""
    collector, port = Collector(), free_port(HOST)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    name = f"watched_{os.getpid()}"
    with psycopg.connect(cluster, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    settings = Settings(
        database_url=make_conninfo(cluster, dbname=name),
        data_dir=tmp_path_factory.mktemp("watched"),
        port=free_port(HOST),
    )
    more = {
        "PRAZIUM_API_PROCESSES": "2",
        "PRAZIUM_METRICS_PORT": str(port),
        "PRAZIUM_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    with running_with(more, settings, workers=1) as stack, client(stack) as http:
        yield Watched(stack, f"http://{HOST}:{port}/metrics", collector, http)
    collector.shutdown()


def client(stack: Stack) -> httpx.Client:
    """A client with the key; each request is a new connection, so that all processes get some."""
    headers = {"Authorization": f"Bearer {stack.key}", "Connection": "close"}
    return httpx.Client(base_url=stack.base_url, headers=headers, timeout=20)


def start_run(http: httpx.Client, **headers: str) -> tuple[str, httpx.Response]:
    """A build of a new project: its path, and the answer of the request that started it."""
    new = {"name": f"Project {time.time_ns()}", "description": "Pets and owners."}
    project = f"projects/{http.post('projects', json=new).json()['data']['id']}"
    http.post(f"{project}/clarify")
    http.post(f"{project}/answers", json={"answers": []})
    http.post(f"{project}/approve")
    answer = http.post(f"{project}/runs", headers=headers)
    return f"{project}/runs/{answer.json()['data']['id']}", answer


def eventually(look: Callable[[], T]) -> T:
    """What is found as soon as it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, look
        time.sleep(0.05)
    return found
