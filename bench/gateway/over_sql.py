"""With SQL: one project by ours, and by FastAPI and psycopg."""

import dataclasses
import http.client
import json
from typing import Any

from bench.figures import OURS, Void
from bench.gateway import ours
from bench.gateway.database import Filled
from bench.gateway.over_http import KEPT, add_metrics, checked, leg
from bench.gateway.payloads import PROJECT_ID
from bench.run import Report, measured
from bench.servers import Server
from bench.wrk import Request, answer, check

NOT_MODIFIED = "ours, If-None-Match"
PEERS = {"FastAPI + psycopg": False, "FastAPI + psycopg, autocommit": True}


def contestants(url: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ours with a query per request, ours as in production, and the peers; pools are alike."""
    own = {"url": url, "validate": ours.usual_validation(), "sql": True}
    peers = {
        name: ("bench.gateway.sql_peer", {"url": url, "autocommit": autocommit})
        for name, autocommit in PEERS.items()
    }
    kept = {KEPT: ("bench.gateway.ours", {**own, "kept": True})}
    unchecked = {checked("off"): ("bench.gateway.ours", {**own, "validate": "off"})}
    return {OURS: ("bench.gateway.ours", own), **unchecked, **kept, **peers}


def run(report: Report, servers: dict[str, Server], database: Filled) -> None:
    """The GET of one project; with If-None-Match as soon as there is an ETag."""
    request = project(servers[OURS], database.key)
    postmaster = database.postmaster()
    database.settle()
    legs = {name: leg(server, request, postmaster) for name, server in servers.items()}
    conditional = not_modified(servers[KEPT], request)
    if conditional:
        legs[NOT_MODIFIED] = leg(servers[KEPT], conditional, postmaster)
    pairs = measured(report, "GET of a project with SQL", legs)
    for server in servers.values():
        check(request, server.port)
    if conditional:
        report.add("sql.get.not_modified", "requests/s, one core", "rate", pairs, ours=NOT_MODIFIED)
        del pairs[NOT_MODIFIED]
    else:
        report.note("If-None-Match: not yet; a project has no ETag")
    add_metrics(report, "sql.get", pairs)


def project(server: Server, key: str) -> Request:
    """The request, with the answer of ours as the right one for all.

    Raises: Void if that is not the project.
    """
    headers = {"Authorization": f"Bearer {key}"}
    request = Request("GET", f"/v1/projects/{PROJECT_ID}", 200, b"", headers=headers)
    status, body = answer(request, server.port)
    found = json.loads(body)
    if status != 200 or found["data"]["id"] != PROJECT_ID or len(body) < 2000:
        raise Void(f"the project is answered with {status} {body[:300]!r}")
    return dataclasses.replace(request, answer=body)


def not_modified(server: Server, request: Request) -> Request | None:
    """The same request with If-None-Match, if the answer has an ETag."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", request.path, headers=request.headers)
    with connection.getresponse() as got:
        tag = got.headers.get("etag")
    connection.close()
    if tag is None:
        return None
    headers = request.headers | {"If-None-Match": tag}
    return dataclasses.replace(request, status=304, answer=b"", headers=headers)
