"""From the start of `scripts/serve` to its first 200, and the memory of its processes."""

from pathlib import Path
from statistics import median

from bench import machine
from bench.figures import Metric
from bench.run import Report
from bench.servers import Server
from scripts.stack import free_port

SERVE = ["-m", "scripts.cli", "serve"]


def run(report: Report, url: str, folder: Path, env: dict[str, str]) -> None:
    """Start and stop the production server; its database runs already."""
    seconds, memory = [], []
    for _ in range(report.plan.starts):
        port = free_port("127.0.0.1")
        given = {
            "PRAZIUM_DATABASE_URL": url,
            "PRAZIUM_DATA_DIR": str(folder / "data"),
            "PRAZIUM_PORT": str(port),
        }
        server = Server(SERVE, port, folder / "serve.log", env | given)
        try:
            seconds.append(server.wait("/v1/health", {200}))
            memory.append([machine.resident_mib(pid) for pid in machine.tree(server.process.pid)])
        finally:
            server.stop()
    unit = "s from the start of scripts/serve to the first 200"
    report.metrics.append(Metric("cold_start", unit, median(seconds)))
    held = " + ".join(f"{median(values):.0f}" for values in zip(*memory, strict=True))
    report.note(
        f"cold start: {len(seconds)} starts, {min(seconds):.2f} to {max(seconds):.2f} s; "
        f"MiB resident by process, shared pages in each: {held}"
    )
