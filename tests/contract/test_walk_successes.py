"""Every operation once where it succeeds; the answer is held against the contract."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Tenant
from tests.contract.walk import OPERATIONS, Operation, ask, each

Json = dict[str, Any]
NUMBERS = itertools.count(1)


def in_state(state: str) -> Callable[[Live, Tenant], Json]:
    """A project of its own in this state."""
    return lambda _, tenant: {
        "projectId": seed.project_in(tenant, state, f"Walked {next(NUMBERS)}")
    }


def with_a_live_run(live: Live, tenant: Tenant) -> Json:
    """A project whose run is live and waits."""
    ids = in_state("approved")(live, tenant)
    return ids | {"runId": seed.waiting_run(live, tenant, ids["projectId"])}


def with_a_cancelled_run(live: Live, tenant: Tenant) -> Json:
    """A project whose only run is cancelled."""
    ids = with_a_live_run(live, tenant)
    tenant.call("POST", f"/projects/{ids['projectId']}/runs/{ids['runId']}/cancel")
    return ids


def with_a_schedule(_: Live, tenant: Tenant) -> Json:
    """A schedule of its own."""
    return {"scheduleId": seed.schedule_of(tenant, f"Walked {next(NUMBERS)}")}


def with_a_queue(_: Live, tenant: Tenant) -> Json:
    """A queue of its own."""
    name = f"walked-{next(NUMBERS)}"
    tenant.call("PATCH", f"/orchestrator/queues/{name}", json={"concurrency": 20})
    return {"queue": name}


def with_a_waiting_job(_: Live, tenant: Tenant) -> Json:
    """A job that nobody takes."""
    return {"jobId": seed.waiting_job(tenant)}


def with_a_cancelled_job(live: Live, tenant: Tenant) -> Json:
    """A job that is cancelled."""
    ids = with_a_waiting_job(live, tenant)
    tenant.call("POST", f"/orchestrator/jobs/{ids['jobId']}/cancel")
    return ids


def with_a_claimed_job(_: Live, tenant: Tenant) -> Json:
    """A job under a lease."""
    return seed.claimed_job(tenant)


def with_a_graph(_: Live, tenant: Tenant) -> Json:
    """A graph with a task that waits for an answer."""
    return seed.waiting_graph(tenant)


def with_a_cancelled_graph(_: Live, tenant: Tenant) -> Json:
    """A graph that was cancelled."""
    return seed.cancelled_graph(tenant)


def with_a_cancelled_task(_: Live, tenant: Tenant) -> Json:
    """A live graph with a task that was cancelled."""
    ids = seed.waiting_graph(tenant)
    tenant.call("POST", f"/orchestrator/graphs/{ids['graphId']}/tasks/{ids['taskId']}/cancel")
    return ids


def with_a_kind(_: Live, tenant: Tenant) -> Json:
    """A kind of its own."""
    kind = f"walked.n{next(NUMBERS)}"
    seed.register(tenant, kind)
    return {"kind": kind}


# What an operation changes; all others read the completed project.
PREPARED: dict[str, Callable[[Live, Tenant], Json]] = {
    "update_project": in_state("draft"),
    "delete_project": in_state("draft"),
    "clarify_project": in_state("draft"),
    "submit_answers": in_state("clarifying"),
    "approve_spec": in_state("spec_review"),
    "regenerate_spec": in_state("spec_review"),
    "start_run": in_state("approved"),
    "cancel_run": with_a_live_run,
    "retry_run": with_a_cancelled_run,
    "pause_queue": with_a_queue,
    "resume_queue": with_a_queue,
    "delete_queue": with_a_queue,
    "update_schedule": with_a_schedule,
    "delete_schedule": with_a_schedule,
    "pause_schedule": with_a_schedule,
    "resume_schedule": with_a_schedule,
    "trigger_schedule": with_a_schedule,
    "cancel_graph": with_a_graph,
    "signal_graph": with_a_graph,
    "answer_graph_task": with_a_graph,
    "cancel_graph_task": with_a_graph,
    "retry_graph_task": with_a_cancelled_task,
    "rerun_graph": with_a_cancelled_graph,
    "cancel_job": with_a_waiting_job,
    "retry_job": with_a_cancelled_job,
    "register_kind": with_a_kind,
    "delete_kind": with_a_kind,
    "complete_job": with_a_claimed_job,
    "fail_job": with_a_claimed_job,
    "report_progress": with_a_claimed_job,
    "append_job_logs": with_a_claimed_job,
    "release_job": with_a_claimed_job,
}
BODIES: dict[str, Json] = {
    "submit_answers": {"answers": [{"questionId": "q1", "answer": "No sign-in"}]},
    "rerun_graph": {"fromTask": "ask"},
    "create_job": {"kind": seed.KIND, "delaySeconds": 86_400},
    "create_jobs": {"jobs": [{"kind": seed.KIND, "delaySeconds": 86_400}]},
}


@each(OPERATIONS)
@pytest.mark.usefixtures("stopped")
def test_every_operation_succeeds_as_documented(
    live: Live, mine: Tenant, operation: Operation
) -> None:
    prepare = PREPARED.get(operation.id)
    ids = mine.ids | (prepare(live, mine) if prepare else {})
    more = {"json": BODIES[operation.id]} if operation.id in BODIES else {}
    answer = ask(mine.http, operation, ids, **more)
    assert answer.is_success, answer.text


@each([operation for operation in OPERATIONS if operation.parameters("query")])
def test_every_operation_takes_the_examples_of_its_parameters(
    mine: Tenant, operation: Operation
) -> None:
    examples = {p["name"]: p["example"] for p in operation.parameters("query") if "example" in p}
    assert ask(mine.http, operation, mine.ids, params=examples).status_code == 200


def test_what_was_created_is_where_location_says(mine: Tenant) -> None:
    new = {"name": "Located", "description": "A shop."}
    answer = mine.http.post("/projects", json=new)
    there = mine.http.get(answer.headers["location"].removeprefix("/v1"))
    assert there.json()["data"]["id"] == answer.json()["data"]["id"]


def test_no_answer_holds_a_host_path(live: Live, mine: Tenant) -> None:
    for operation in OPERATIONS:
        if operation.method == "GET" and operation.id != "download_export":
            answer = ask(mine.http, operation, mine.ids)
            assert str(live.data_dir) not in answer.text, operation.id
