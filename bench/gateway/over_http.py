"""Without SQL, over HTTP: throughput and CPU per request of every contestant."""

import itertools
from collections.abc import Callable
from statistics import median
from typing import Any

from bench import machine
from bench.figures import OURS, Metric, Void
from bench.gateway import ours
from bench.gateway.payloads import requests
from bench.run import Leg, Pairs, Report, measured
from bench.servers import Fleet, Server
from bench.wrk import Request, check, load

PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "bare Starlette": ("bench.gateway.starlette_peer", {}),
    "stock Connexion": ("bench.gateway.connexion_peer", {}),
    "FastAPI": ("bench.gateway.fastapi_peer", {"answers": "models"}),
    "FastAPI, answers checked": ("bench.gateway.fastapi_peer", {"answers": "plain data"}),
    "FastAPI, answers by msgspec": ("bench.gateway.fastapi_peer", {"answers": "bytes"}),
}


KEPT = "ours, answer kept"
LOGGED = "ours, a line per request"


def checked(mode: str) -> str:
    """What ours is called with one setting of `validate_responses`."""
    return f"ours, validate_responses={mode}"


def contestants(url: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ours as it is by default, ours with the other settings, and the peers."""
    usual = ours.usual_validation()
    modes = {mode: {"url": url, "validate": mode} for mode in ours.validation_settings()}
    own = {OURS: ("bench.gateway.ours", modes.pop(usual))}
    others = {checked(mode): ("bench.gateway.ours", given) for mode, given in modes.items()}
    kept = {KEPT: ("bench.gateway.ours", {"url": url, "validate": usual, "kept": True})}
    logged = {LOGGED: ("bench.gateway.ours", {"url": url, "validate": usual, "log": True})}
    return own | others | kept | logged | PEERS


def leg(server: Server, request: Request, postmaster: int | None = None) -> Leg:
    """A leg under wrk: requests a second, and microseconds of CPU per request by process."""

    def run(seconds: float) -> dict[str, float]:
        try:
            return with_cpu(server, postmaster, lambda: load(request, server.port, seconds))
        except Void as error:
            raise Void(f"{server.log.stem}: {error}; its log ends: {server.log_end()}") from None

    check(request, server.port)
    return run


def in_turn(fleet: Fleet, request: Request) -> Leg:
    """A leg on one of the processes after the other."""
    legs = itertools.cycle([leg(server, request) for server in fleet])
    return lambda seconds: next(legs)(seconds)


def with_cpu(server: Server, postmaster: int | None, run: Callable[[], Any]) -> dict[str, float]:
    """The measures of one run."""
    database = machine.tree(postmaster) if postmaster else []
    before = server.cpu(), sum(map(machine.cpu_seconds, database))
    found = run()
    after = server.cpu(), sum(map(machine.cpu_seconds, database))
    per_request = 1e6 / found.requests
    return {
        "rate": found.requests / found.seconds,
        "server": (after[0] - before[0]) * per_request,
        "client": found.client_cpu * per_request,
        "postgres": (after[1] - before[1]) * per_request,
    }


def run(report: Report, fleets: dict[str, Fleet], key: str) -> dict[str, float]:
    """Both payloads, then how throughput grows with connections; the GET's rates."""
    families = {}
    for method, request in requests(key).items():
        legs = {name: in_turn(fleet, request) for name, fleet in fleets.items()}
        if method != "GET":
            del legs[KEPT]
        families[method] = measured(report, f"{method} over HTTP", legs)
        add_metrics(report, f"http.{method.lower()}", families[method])
        for server in itertools.chain(*fleets.values()):
            check(request, server.port)
    knee(report, fleets[OURS][0], requests(key)["GET"])
    report.metrics.append(Metric("memory", "MiB resident after load", *memory(fleets)))
    return {name: median(p["rate"] for p in pairs) for name, pairs in families["GET"].items()}


def add_metrics(report: Report, name: str, pairs: Pairs) -> None:
    """Throughput and CPU of a family."""
    report.add(name, "requests/s, one core", "rate", pairs)
    for process in ("server", "client", "postgres"):
        if all(pair[process] for pair in pairs[OURS]):
            unit = f"µs of CPU per request, {process}"
            report.add(f"{name}.cpu.{process}", unit, process, pairs)


def knee(report: Report, server: Server, request: Request) -> None:
    """How many connections it takes to come within 5 % of the most."""
    plan = report.plan
    rates = {}
    for connections in plan.connections:
        found = load(request, server.port, min(plan.seconds, 2.0), connections)
        rates[connections] = found.requests / found.seconds
    most = max(rates.values())
    bend = next(number for number, rate in rates.items() if rate >= 0.95 * most)
    steps = ", ".join(f"{number}: {rate:,.0f}" for number, rate in rates.items())
    report.note(f"connections: requests/s of the GET: {steps}; knee at {bend}")


def memory(fleets: dict[str, Fleet]) -> tuple[float, dict[str, float]]:
    """MiB of ours, and of the others."""
    held = {
        name: median(machine.resident_mib(server.process.pid) for server in fleet)
        for name, fleet in fleets.items()
    }
    return held.pop(OURS), held
