"""Every operation of the contract has a method in both clients, and its answer is understood."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
from aiohttp import web
from prazium.models import Answer

from tests.sdk.examples import answer_of
from tests.sdk.harness import CONTRACT, Face, Handler, Server

PROJECT, RUN, TASK, EXPORT = "proj_1", "run_1", "task_1", "exp_1"
SCHEDULE, JOB = "sch_1", "job_1"
SHORT = {"type": "string"}
RATE = {"limit": 100, "periodSeconds": 60}
HOURLY = {"name": "A", "cron": "@hourly", "job": {"kind": "http", "input": {"url": "x"}}}

METHODS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "create_project": ("projects.create", (), {"name": "A", "description": "B"}),
    "list_projects": ("projects.list", (), {"status": "draft", "search": "a"}),
    "get_project": ("projects.get", (PROJECT,), {}),
    "update_project": ("projects.update", (PROJECT,), {"name": "C"}),
    "delete_project": ("projects.delete", (PROJECT,), {}),
    "clarify_project": ("specs.clarify", (PROJECT,), {}),
    "list_questions": ("specs.questions", (PROJECT,), {}),
    "submit_answers": ("specs.submit_answers", (PROJECT, {"q1": "x", "q2": ["y"]}), {}),
    "approve_spec": ("specs.approve", (PROJECT,), {}),
    "regenerate_spec": ("specs.regenerate", (PROJECT,), {"feedback": "more"}),
    "list_specs": ("specs.list", (PROJECT,), {}),
    "get_spec": ("specs.get", (PROJECT, 1), {}),
    "start_run": ("runs.start", (PROJECT,), {"agent": "scaffold"}),
    "list_runs": ("runs.list", (PROJECT,), {"status": "failed"}),
    "get_run": ("runs.get", (PROJECT, RUN), {}),
    "cancel_run": ("runs.cancel", (PROJECT, RUN), {}),
    "retry_run": ("runs.retry", (PROJECT, RUN), {}),
    "list_tasks": ("tasks.list", (PROJECT, RUN), {}),
    "get_task": ("tasks.get", (PROJECT, RUN, TASK), {}),
    "list_events": ("events.list", (PROJECT, RUN), {"type": "FILE_CREATED"}),
    "stream_events": ("runs.stream_events", (PROJECT, RUN), {}),
    "list_feed": ("feed.list", (), {"type": "QUEUE_PAUSED"}),
    "stream_feed": ("feed.follow", (), {"after": "here"}),
    "create_export": ("exports.create", (PROJECT, RUN), {"format": "tar.gz"}),
    "list_exports": ("exports.list", (PROJECT,), {}),
    "get_export": ("exports.get", (PROJECT, EXPORT), {}),
    "create_job": ("jobs.create", ("a.b", {"n": 1}), {"dedupeKey": "one", "tags": ["a"]}),
    "create_jobs": ("jobs.create_many", ([{"kind": "a.b", "retry": {"jitter": False}}],), {}),
    "list_jobs": ("jobs.list", (), {"status": "failed"}),
    "get_job": ("jobs.get", (JOB,), {}),
    "cancel_job": ("jobs.cancel", (JOB,), {}),
    "retry_job": ("jobs.retry", (JOB,), {}),
    "cancel_jobs": ("jobs.cancel_many", (), {"queue": "images"}),
    "retry_jobs": ("jobs.retry_many", (), {"jobIds": [JOB]}),
    "get_job_result": ("jobs.result", (JOB,), {}),
    "list_job_events": ("jobs.events", (JOB,), {}),
    "stream_job_events": ("jobs.stream_events", (JOB,), {}),
    "list_job_logs": ("jobs.logs", (JOB,), {"level": "error"}),
    "create_graph": ("graphs.create", ([{"slug": "a", "wait": {"for": "answer"}}],), {"name": "A"}),
    "list_graphs": ("graphs.list", (), {"status": "failed"}),
    "get_graph": ("graphs.get", (RUN,), {}),
    "list_graph_tasks": ("graphs.tasks", (RUN,), {"items_of": "m"}),
    "cancel_graph": ("graphs.cancel", (RUN,), {}),
    "rerun_graph": ("graphs.rerun", (RUN,), {"from_task": "a"}),
    "signal_graph": ("graphs.signal", (RUN, "paid", {"n": 1}), {}),
    "retry_graph_task": ("graphs.retry_task", (RUN, TASK), {}),
    "cancel_graph_task": ("graphs.cancel_task", (RUN, TASK), {}),
    "answer_graph_task": ("graphs.answer", (RUN, TASK, {"ok": True}), {}),
    "list_graph_events": ("graphs.events", (RUN,), {}),
    "stream_graph_events": ("graphs.stream_events", (RUN,), {}),
    "list_queues": ("queues.list", (), {}),
    "get_queue": ("queues.get", ("a",), {}),
    "update_queue": ("queues.update", ("a",), {"concurrency": 2, "rate_limit": RATE}),
    "delete_queue": ("queues.delete", ("a",), {}),
    "pause_queue": ("queues.pause", ("a",), {}),
    "resume_queue": ("queues.resume", ("a",), {}),
    "list_failed_jobs": ("queues.failed", ("a",), {}),
    "list_queue_events": ("queues.events", ("a",), {}),
    "create_schedule": ("schedules.create", (), HOURLY),
    "list_schedules": ("schedules.list", (), {}),
    "get_schedule": ("schedules.get", (SCHEDULE,), {}),
    "update_schedule": ("schedules.update", (SCHEDULE,), {"cron": "@daily", "job": {"kind": "x"}}),
    "pause_schedule": ("schedules.pause", (SCHEDULE,), {}),
    "resume_schedule": ("schedules.resume", (SCHEDULE,), {}),
    "trigger_schedule": ("schedules.trigger", (SCHEDULE,), {}),
    "list_schedule_events": ("schedules.events", (SCHEDULE,), {}),
    "delete_schedule": ("schedules.delete", (SCHEDULE,), {}),
    "list_refs": ("files.refs", (PROJECT,), {}),
    "list_files": ("files.list", (PROJECT, "/"), {}),
    "get_file": ("files.read", (PROJECT, "src/a b.py"), {"ref": "main"}),
    "list_kinds": ("kinds.list", (), {}),
    "register_kind": ("kinds.register", ("a.b",), {"description": "A", "input_schema": {"a": 1}}),
    "get_kind": ("kinds.get", ("http",), {}),
    "delete_kind": ("kinds.delete", ("a.b",), {}),
    "get_health": ("system.health", (), {}),
    "get_ready": ("system.ready", (), {}),
    "get_stats": ("system.stats", (), {}),
    "get_contract": ("system.contract", (), {}),
}
ITERATORS = {
    "list_projects",
    "list_specs",
    "list_runs",
    "list_exports",
    "list_graphs",
    "list_graph_tasks",
    "list_graph_events",
    "stream_graph_events",
    "list_jobs",
    "list_job_events",
    "stream_job_events",
    "list_job_logs",
    "list_schedules",
    "list_queues",
    "list_failed_jobs",
    "list_queue_events",
    "list_schedule_events",
    "list_feed",
    "stream_feed",
    "list_events",
    "stream_events",
    "list_kinds",
}
OF_WORKERS = {
    "claim_jobs",
    "extend_leases",
    "complete_jobs",
    "complete_job",
    "fail_job",
    "report_progress",
    "append_job_logs",
    "release_job",
}
"""What `Worker` says; its test is test_worker.py."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in CONTRACT["paths"].items():
        for verb, operation in item.items():
            yield verb, path, operation


def asked(request: web.Request) -> dict[str, Any]:
    """The operation that a request is for."""
    path = request.raw_path.partition("?")[0].removeprefix("/v1")
    return next(
        operation
        for verb, template, operation in operations()
        if verb == request.method.lower()
        and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
    )


async def check(request: web.Request, operation: dict[str, Any]) -> None:
    """Raise what is wrong with a request; ids are left out, since the tests use short ones."""
    shared = CONTRACT["components"]["parameters"]
    named = [
        shared.get(each.get("$ref", "").rsplit("/")[-1], each) for each in operation["parameters"]
    ]
    assert request.query.keys() <= {each["name"] for each in named if each["in"] == "query"}
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        schemas = CONTRACT["components"]["schemas"] | {"RunId": SHORT, "JobId": SHORT}
        body = await request.json()
        jsonschema_rs.validate(schema | {"components": {"schemas": schemas}}, body)
        assert body


async def contract_handler(request: web.Request) -> web.Response:
    """Answers from the examples; lists have one page and the archive is one byte."""
    operation = asked(request)
    await check(request, operation)
    if operation["operationId"] == "download_export":
        return web.Response(body=b"x")
    status, body = answer_of(operation, CONTRACT)
    if isinstance(body, dict) and "pagination" in body:
        body["pagination"] |= {"totalPages": 1, "hasMore": False}
    return web.Response(status=204) if body is None else web.json_response(body, status=status)


def test_every_operation_has_a_method_that_sends_it_and_reads_its_example(
    client: Face, serve: Callable[[Handler], Server]
) -> None:
    server = serve(contract_handler)
    for operation_id, (name, args, kwargs) in METHODS.items():
        do = client.collect if operation_id in ITERATORS else client.call
        result = do(server, name, *args, **kwargs)
        assert asked(server.requests[-1])["operationId"] == operation_id
        assert result or operation_id.startswith("stream_")
    wanted = {operation["operationId"] for _, _, operation in operations()}
    downloaded = {"download_export"}  # Its test is test_download.py.
    for_browsers = {"get_reference", "get_reference_file"}
    others = downloaded | for_browsers | OF_WORKERS
    assert wanted - METHODS.keys() == others, "the client lacks a method"


def test_a_graph_that_is_made_and_one_that_is_planned_are_read_apart(
    client: Face, serve: Callable[[Handler], Server]
) -> None:
    made = {"id": "run_1", "status": "running"}
    planned = {"slug": "a", "level": 0, "width": 1, "action": "wait"}

    async def graphs(request: web.Request) -> web.Response:
        if "dryRun" in await request.json():
            plan = {"tasks": [planned], "levels": 1, "widest": 1}
            return web.json_response({"success": True, "data": plan})
        return web.json_response({"success": True, "data": made}, status=201)

    server = serve(graphs)
    tasks = [{"slug": "a", "wait": {"for": "answer"}}]
    assert client.call(server, "graphs.create", tasks).to_dict() == made
    assert client.call(server, "graphs.plan", tasks).tasks[0].to_dict() == planned


def test_a_key_is_sent_as_a_bearer_token(client: Face, serve: Callable[[Handler], Server]) -> None:
    server = serve(contract_handler)
    client.call(server, "system.health")
    assert server.requests[0].headers["Authorization"] == "Bearer pzm_test"
    assert server.requests[0].headers["User-Agent"].startswith("prazium-python/")


def test_what_is_not_given_is_not_sent(client: Face, serve: Callable[[Handler], Server]) -> None:
    bodies: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        status, body = answer_of(asked(request), CONTRACT)
        return web.json_response(body, status=status)

    server = serve(handler)
    client.call(server, "projects.update", PROJECT, description="B")
    client.call(server, "runs.start", PROJECT)
    client.call(server, "specs.submit_answers", PROJECT, [Answer("q1", True)])
    answers = {"answers": [{"questionId": "q1", "answer": True}]}
    assert bodies == [{"description": "B"}, {}, answers]


def test_both_clients_have_the_same_methods() -> None:
    package = Path(__file__).parents[2] / "generated" / "python" / "prazium"
    names = [
        [re.findall(r"def (\w+)", file.read_text().replace("aclose", "close").replace("__a", "__"))
         for file in sorted((package / half).glob("*.py"))]
        for half in ("_async", "_sync")
    ]  # fmt: skip
    assert names[0] == names[1]
