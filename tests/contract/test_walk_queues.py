"""A key that is restricted to queues changes nothing in another, whatever operation it tries."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Json, Tenant
from tests.contract.walk import OPERATIONS, Operation, ask, each
from tests.contract.workers import restricted

CHANGES = [
    operation
    for operation in OPERATIONS
    if operation.scope in ("jobs:write", "worker:run")
    and operation.method != "GET"
    and "{kind}" not in operation.template
]
"""All but those of kinds, which are in no queue."""


def job(ids: Json) -> Json:
    """A job of the queue that is not the key's."""
    return {"kind": seed.KIND, "queue": ids["queue"]}


def inner(ids: Json) -> Json:
    """A graph in which a graph has such a job."""
    graph = {"tasks": [{"slug": "hidden", **job(ids)}]}
    own = {"slug": "own", "kind": seed.KIND, "queue": "images"}
    return {"tasks": [own, {"slug": "inner", "graph": graph}]}


def leases(ids: Json) -> Json:
    """The lease of a job of that queue."""
    lease = {name: ids[name] for name in ("jobId", "leaseToken")}
    return {"workerId": ids["workerId"], "leases": [lease]}


def results(ids: Json) -> Json:
    """The result of a job of that queue."""
    lease = {name: ids[name] for name in ("jobId", "leaseToken")}
    return {"completions": [{**lease, "result": None}]}


BODIES: dict[str, Callable[[Json], Json]] = {
    "create_job": job,
    "create_jobs": lambda ids: {"jobs": [job(ids)]},
    "cancel_jobs": lambda ids: {"filter": {"queue": ids["queue"]}},
    "retry_jobs": lambda ids: {"filter": {"queue": ids["queue"], "status": "cancelled"}},
    "create_graph": inner,
    "create_schedule": lambda ids: {"name": "Hidden", "cron": "@yearly", "job": job(ids)},
    "claim_jobs": lambda ids: {"queues": [ids["queue"]], "kinds": [seed.KIND]},
    "extend_leases": leases,
    "complete_jobs": results,
}
TOLD: dict[str, Callable[[Json], str]] = {
    "extend_leases": lambda data: str(data["leases"][0]["state"]),
    "complete_jobs": lambda data: str(data["items"][0]["outcome"]),
}
"""What many leases are told one by one, with 200."""


@pytest.fixture(scope="module")
def secret(tenants: tuple[Tenant, Tenant]) -> Json:
    """The ids of what is in a queue: two jobs, a graph and a task of it, a schedule."""
    mine, queue = tenants[0], f"secret-{uuid4().hex}"
    new = job({"queue": queue})
    ended = mine.call("POST", "/orchestrator/jobs", json=new)["id"]
    mine.call("POST", f"/orchestrator/jobs/{ended}/cancel")
    mine.call("POST", "/orchestrator/jobs", json=new)
    claim = {"queues": [queue], "kinds": [seed.KIND], "leaseSeconds": 600}
    claimed = mine.call("POST", "/worker/claim", json=claim)
    lease = {name: claimed["jobs"][0][name] for name in ("jobId", "leaseToken")}
    tasks = [{"slug": "ask", "wait": {"for": "answer"}}, {"slug": "a", **new, "dependsOn": ["ask"]}]
    graph_id = mine.call("POST", "/orchestrator/graphs", json={"tasks": tasks})["id"]
    [task, _] = mine.call("GET", f"/orchestrator/graphs/{graph_id}")["tasks"]
    schedule = {"name": queue, "cron": "@yearly", "job": new}
    schedule_id = mine.call("POST", "/orchestrator/schedules", json=schedule)["id"]
    ids = {"graphId": graph_id, "taskId": task["id"], "scheduleId": schedule_id, "ended": ended}
    return ids | lease | {"queue": queue, "workerId": claimed["workerId"]}


@pytest.fixture
def narrow(live: Live, mine: Tenant) -> Iterator[httpx.Client]:
    """A client of the same tenant whose key is for another queue."""
    with restricted(live, mine.name, "images") as http:
        yield http


def state(tenant: Tenant, ids: Json) -> list[Json]:
    """All that is in the queue."""
    listed = tenant.call("GET", "/orchestrator/jobs", params={"queue": ids["queue"]})
    paths = [
        f"queues/{ids['queue']}",
        f"jobs/{ids['jobId']}",
        f"jobs/{ids['ended']}",
        f"graphs/{ids['graphId']}",
        f"schedules/{ids['scheduleId']}",
    ]
    return [listed, *(tenant.call("GET", f"/orchestrator/{path}") for path in paths)]


@each(CHANGES)
def test_no_operation_changes_what_is_in_a_queue_of_others(
    mine: Tenant, narrow: httpx.Client, secret: Json, operation: Operation
) -> None:
    before = state(mine, secret)
    body = BODIES[operation.id](secret) if operation.id in BODIES else None
    answer = ask(narrow, operation, secret, **({"json": body} if body else {}))
    if operation.id in TOLD:
        assert TOLD[operation.id](answer.json()["data"]) in ("lost", "refused")
    else:
        assert answer.status_code == 403, answer.text
        assert secret["queue"] in answer.json()["error"]["message"]
    assert state(mine, secret) == before


@pytest.mark.parametrize(
    ("what", "state_before", "filtered"),
    [("cancel", "queued", {}), ("retry", "cancelled", {"status": "cancelled"})],
)
def test_a_change_of_many_jobs_goes_past_the_queues_of_others(
    mine: Tenant, narrow: httpx.Client, secret: Json, what: str, state_before: str, filtered: Json
) -> None:
    before = state(mine, secret)
    own = {"kind": seed.KIND, "queue": "images", "delaySeconds": 86_400}
    job_id = mine.call("POST", "/orchestrator/jobs", json=own)["id"]
    if what == "retry":
        mine.call("POST", f"/orchestrator/jobs/{job_id}/cancel")
    ids = [secret["jobId"], secret["ended"], job_id]
    body = {"filter": {"jobIds": ids, **filtered}}
    answer = narrow.post(f"/orchestrator/jobs/{what}", json=body)
    assert answer.json()["data"] == {"matched": 1, "changed": 1, "more": False}
    assert mine.call("GET", f"/orchestrator/jobs/{job_id}")["status"] != state_before
    assert state(mine, secret) == before
