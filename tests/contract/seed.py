"""Tenants with something in them: a project in each state, a build with its tasks, an export."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from db import embedded
from db.queries import Query
from generated.models import AgentName
from services import keys, runs
from services.context import App, Context, new_id, opened
from services.settings import Settings
from tests.conftest import Live

Json = dict[str, Any]
T = TypeVar("T")

DESCRIPTION = "A library with books, and loans of the books to members."
PATIENCE_S = 120.0
KIND = "seed.work"
ENDLESS = ("/v1/events/stream", "/api/events/stream")
ENDED = ("succeeded", "failed", "cancelled")


class DidNotHappen(Exception):
    """What was waited for did not come in time; the message is the last answer."""


@dataclass(frozen=True)
class Tenant:
    """A caller with every scope and what belongs to it."""

    name: str
    key: str
    http: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)
    """By parameter name: a completed project, its run, a task, an export; a schedule, a job."""
    projects: dict[str, str] = field(default_factory=dict)
    """A project's id by its state."""

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The data of an answer that must be a success."""
        answer = self.http.request(method, path, **request)
        answer.raise_for_status()
        return answer.json()["data"]


WAIT = Query("seed.wait", b"UPDATE ready SET run_at = 'infinity' WHERE run_id = %(run_id)s")


def make_key(live: Live, tenant: str, scopes: list[str] | None = None) -> str:
    """A key of a tenant; both are made in the database of the running product."""

    return in_the_database(live, lambda app: keys.create_key(app, tenant, "tests", scopes))


def in_the_database(live: Live, action: Callable[[App], Awaitable[T]]) -> T:
    """What an action gives that has the database of the running product."""

    async def run(url: str) -> T:
        async with opened(Settings(data_dir=live.data_dir), url) as app:
            return await action(app)

    with embedded.server(live.data_dir / "postgres") as url:
        return asyncio.run(run(url))


def as_tenant(live: Live, tenant: Tenant, action: Callable[[Context], Awaitable[T]]) -> T:
    """What an action gives that is the tenant's, in the database of the running product."""

    async def run(app: App) -> T:
        actor = await keys.find_actor(app, tenant.key)
        assert actor is not None
        return await action(Context(app, actor, new_id("req")))

    return in_the_database(live, run)


def waiting_run(live: Live, tenant: Tenant, project_id: str) -> str:
    """A live run of an approved project that no worker ever takes."""

    async def start(ctx: Context) -> str:
        async with ctx.transaction() as tx:
            number = await runs.begin_building(tx, project_id)
            given = await runs.approved_input(tx, project_id)
            run = await runs.create_run(ctx, tx, project_id, number, AgentName.scaffold, given)
            await tx.run(WAIT, run_id=run.id)
        return run.id

    return as_tenant(live, tenant, start)


class FirstPiece(httpx.SyncByteStream):
    """A body that ends after its first piece."""

    def __init__(self, body: httpx.SyncByteStream) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield from islice(self._body, 1)

    def close(self) -> None:
        self._body.close()


class Leaving(httpx.HTTPTransport):
    """Leaves the stream that has no end once it has begun."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if answer.is_success and request.url.path.endswith(ENDLESS):
            assert isinstance(answer.stream, httpx.SyncByteStream)
            answer.stream = FirstPiece(answer.stream)
        return answer


def client(live: Live, key: str) -> httpx.Client:
    """A client that holds a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=live.url, headers=headers, timeout=30, transport=Leaving())


def new_tenant(live: Live, name: str) -> Tenant:
    """A tenant without anything."""
    key = make_key(live, name, [*keys.ALL_SCOPES, "admin"])
    return Tenant(name, key, client(live, key))


def fill(tenant: Tenant) -> Tenant:
    """Give the tenant a project in each state and, last, a build with an export."""
    for state in ("draft", "clarifying", "spec_review", "approved"):
        tenant.projects[state] = project_in(tenant, state)
    build(tenant)
    return tenant


def project_in(tenant: Tenant, state: str, name: str = "") -> str:
    """A new project, brought into a state that needs no worker."""
    new = {"name": name or f"In {state}", "description": DESCRIPTION}
    project_id: str = tenant.call("POST", "/projects", json=new)["id"]
    steps: list[tuple[str, str, Json]] = [
        ("clarifying", "clarify", {}),
        ("spec_review", "answers", {"json": {"answers": []}}),
        ("approved", "approve", {}),
    ]
    reached = "draft"
    while reached != state:
        reached, step, request = steps.pop(0)
        tenant.call("POST", f"/projects/{project_id}/{step}", **request)
    return project_id


def build(tenant: Tenant) -> None:
    """A completed project with its run, its tasks and an export."""
    project_id = project_in(tenant, "approved", "Completed")
    project = f"/projects/{project_id}"
    run_id = tenant.call("POST", f"{project}/runs")["id"]
    run = wait_for(tenant, f"{project}/runs/{run_id}", lambda run: run["status"] in ENDED)
    if run["status"] != "succeeded":
        raise DidNotHappen(str(run["error"]))
    export_id = tenant.call("POST", f"{project}/export", json={"runId": run_id})["id"]
    wait_for(tenant, f"{project}/exports/{export_id}", lambda e: e["status"] == "completed")
    task_id = tenant.call("GET", f"{project}/runs/{run_id}/tasks")[0]["id"]
    tenant.projects["completed"] = project_id
    for kind in (KIND, "seed.shown"):
        register(tenant, kind)
    tenant.ids["kind"] = "seed.shown"
    tenant.ids["jobId"] = done_job(tenant)
    tenant.ids["scheduleId"] = schedule_of(tenant, "Seeded")
    tenant.ids["graphId"] = cancelled_graph(tenant)["graphId"]
    tenant.call("PATCH", "/orchestrator/queues/walked", json={"concurrency": 20})
    tenant.ids.update(
        projectId=project_id, runId=run_id, taskId=task_id, exportId=export_id, version="1"
    )


def schedule_of(tenant: Tenant, name: str) -> str:
    """A schedule that is paused, so that it creates no jobs by itself."""
    job = {"kind": "http", "input": {"url": "https://example.com/report"}}
    new = {"name": name, "cron": "@yearly", "paused": True, "job": job}
    schedule_id: str = tenant.call("POST", "/orchestrator/schedules", json=new)["id"]
    return schedule_id


def waiting_graph(tenant: Tenant) -> Json:
    """A graph with two tasks that wait for an answer, and the first of them."""
    tasks = [{"slug": slug, "wait": {"for": "answer"}} for slug in ("ask", "ask-more")]
    graph_id = tenant.call("POST", "/orchestrator/graphs", json={"tasks": tasks})["id"]
    [task, _] = tenant.call("GET", f"/orchestrator/graphs/{graph_id}")["tasks"]
    return {"graphId": graph_id, "taskId": task["id"]}


def cancelled_graph(tenant: Tenant) -> Json:
    """A graph that was cancelled, and its first task."""
    ids = waiting_graph(tenant)
    tenant.call("POST", f"/orchestrator/graphs/{ids['graphId']}/cancel")
    return ids


def register(tenant: Tenant, kind: str) -> None:
    """A kind that only a worker of the tests does."""
    new = {"description": "Made by the tests.", "inputSchema": {"type": "object"}}
    tenant.call("PUT", f"/worker/kinds/{kind}", json=new)


def waiting_job(tenant: Tenant) -> str:
    """A job that nobody takes."""
    new = {"kind": KIND, "delaySeconds": 86_400}
    job_id: str = tenant.call("POST", "/orchestrator/jobs", json=new)["id"]
    return job_id


def claimed_job(tenant: Tenant) -> Json:
    """A job under a lease, in a queue of its own."""
    queue = f"q{uuid4().hex}"
    tenant.call("POST", "/orchestrator/jobs", json={"kind": KIND, "queue": queue})
    claim = {"queues": [queue], "kinds": [KIND]}
    [job] = tenant.call("POST", "/worker/claim", json=claim)["jobs"]
    return {"jobId": job["jobId"], "leaseToken": job["leaseToken"]}


def done_job(tenant: Tenant) -> str:
    """A job that has succeeded."""
    job = claimed_job(tenant)
    result = {"leaseToken": job["leaseToken"], "result": {"width": 200}}
    tenant.call("POST", f"/worker/jobs/{job['jobId']}/complete", json=result)
    return str(job["jobId"])


def wait_for(tenant: Tenant, path: str, reached: Callable[[Json], bool]) -> Json:
    """Ask until the answer is as it should be.

    Raises: DidNotHappen.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        data: Json = tenant.call("GET", path)
        if reached(data):
            return data
        time.sleep(0.1)
    raise DidNotHappen(f"{path}: {data}")
