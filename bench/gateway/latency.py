"""Without SQL, over HTTP: latency of the GET at rates that the slower contestant can bear."""

from collections.abc import Mapping

from bench.figures import OURS
from bench.gateway.payloads import requests
from bench.open_loop import Behind, leg
from bench.run import Report, measured
from bench.servers import Server
from bench.wrk import Request

AGAINST = ("bare Starlette", "FastAPI")
SHARES = (0.5, 0.8)


def run(report: Report, servers: dict[str, Server], key: str, rates: Mapping[str, float]) -> None:
    """Ours beside one peer at a time, at half and at four fifths of the slower one's rate."""
    for peer in AGAINST:
        for share in SHARES:
            pair = {name: servers[name] for name in (OURS, peer)}
            rate = share * min(rates[OURS], rates[peer])
            name = f"latency.{peer.replace(' ', '_').lower()}.{share:.0%}"
            try:
                beside(report, name, pair, requests(key)["GET"], rate)
            except Behind as error:
                report.note(f"{name} is discarded: {error}")
                report.void.append(name)


def beside(
    report: Report, name: str, servers: dict[str, Server], request: Request, rate: float
) -> None:
    """The latency of all at one rate.

    Raises: Behind.
    """
    legs = {who: leg(request, server.port, rate) for who, server in servers.items()}
    scale = 1.0 if report.plan.quick else 0.5  # a second of this has thousands of samples
    pairs = measured(report, f"{name}: {rate:,.0f} GET/s", legs, scale)
    for measure in ("p50", "p99"):
        report.add(f"{name}.{measure}", f"ms at {rate:,.0f} GET/s", measure, pairs)
