"""Jobs through the database and a real worker."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web

from db.queries import Query
from generated.models import NewJob, RegisterKind
from services import graphs, jobs, kinds
from services.context import Context, new_id
from services.engine.enqueue import NewRun, enqueue
from services.errors import Forbidden, ValidationFailed
from tests.services.job_kinds.conftest import worked_through, working
from tests.services.test_sandbox import living, until

LOOK = Query(
    "test.look",
    b"""
SELECT run.status, task.status AS task, task.attempt, run.output AS result, run.error,
    extract(epoch FROM ready.run_at - now())::float8 AS wait_s
FROM run JOIN task ON task.run_id = run.id LEFT JOIN ready ON ready.task_id = task.id
WHERE run.id = %(id)s
""",
    changes=False,
)


class Seen(msgspec.Struct):
    """A job as it stands in the database."""

    status: str
    task: str
    attempt: int
    result: Any
    error: Any
    wait_s: float | None


async def add(ctx: Context, kind: str, given: dict[str, Any]) -> str:
    """Queue a job; its id."""
    async with ctx.transaction() as tx:
        [job_id] = await enqueue(tx, [NewRun(id=new_id("job"), kind="job", name=kind, input=given)])
    return job_id


async def look(ctx: Context, job_id: str) -> Seen:
    """How the job is."""
    async with ctx.transaction() as tx:
        return await tx.one(LOOK, Seen, id=job_id)


async def seen(ctx: Context, job_id: str, *tasks: str, within_s: float = 10) -> Seen:
    """The job once its task is in one of these states."""
    async with asyncio.timeout(within_s):
        while True:
            found = await look(ctx, job_id)
            if found.task in tasks:
                return found
            await asyncio.sleep(0.02)


async def ended(ctx: Context, job_id: str) -> Seen:
    """The job once it has ended."""
    return await seen(ctx, job_id, "succeeded", "failed", "cancelled")


@asynccontextmanager
async def serving(*answers: web.Response) -> AsyncIterator[tuple[str, list[str]]]:
    """A server with these answers; its URL and the Idempotency-Keys that it was sent."""
    left, keys = list(answers), []

    async def handle(request: web.BaseRequest) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        return left.pop(0)

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/", keys
    await runner.cleanup()


async def test_an_http_job_is_done_and_its_answer_kept(ctx: Context) -> None:
    async with serving(web.Response(text="hello")) as (url, _), working(ctx):
        done = await ended(ctx, await add(ctx, "http", {"url": url}))
    assert (done.status, done.result["status"], done.result["body"]) == ("succeeded", 200, "hello")


async def test_the_next_attempt_keeps_the_key_and_waits_as_the_server_said(ctx: Context) -> None:
    wait = web.Response(status=503, headers={"Retry-After": "100"})
    async with serving(wait) as (url, _), working(ctx):
        job_id = await add(ctx, "http", {"url": url})
        waiting = await seen(ctx, job_id, "waiting", "pending")
        while waiting.wait_s is None:
            waiting = await look(ctx, job_id)
    assert waiting.attempt == 1
    assert 90 < waiting.wait_s < 101  # of a moment before it was read


async def test_every_attempt_sends_the_same_key(ctx: Context) -> None:
    passing = web.Response(status=503, headers={"Retry-After": "0"})
    async with serving(passing, web.Response()) as (url, keys), working(ctx):
        done = await ended(ctx, await add(ctx, "http", {"url": url}))
    assert (done.status, done.attempt) == ("succeeded", 2)
    assert len(keys) == 2 and len(set(keys)) == 1


async def test_a_command_is_run(ctx: Context) -> None:
    async with working(ctx):
        job_id = await add(ctx, "command", {"command": ["cat"], "stdin": "tea"})
        done = await ended(ctx, job_id)
    assert (done.status, done.result["stdout"]) == ("succeeded", "tea")


async def test_a_large_output_is_kept_whole_beside_the_row(ctx: Context) -> None:
    async with working(ctx):
        job_id = await add(ctx, "command", {"command": ["cat"], "stdin": "x" * 500_000})
        done = await ended(ctx, job_id)
    assert (done.status, done.result) == ("succeeded", None)
    assert b"x" * 500_000 in bytes(await jobs.get_job_result(ctx, job_id))


async def test_a_job_that_is_cancelled_leaves_no_process_two_seconds_later(ctx: Context) -> None:
    marker = f"30.{os.getpid()}5"
    async with working(ctx):
        job_id = await add(ctx, "command", {"command": ["sleep", marker]})
        assert await until(lambda: living(marker))
        await jobs.cancel_job(ctx, job_id)
        assert await until(lambda: not living(marker), 3)
    assert (await look(ctx, job_id)).status == "cancelled"


async def test_a_program_that_is_not_allowed_is_a_failure(ctx: Context) -> None:
    async with working(ctx):
        done = await ended(ctx, await add(ctx, "command", {"command": ["sh"]}))
    assert (done.status, done.error["code"]) == ("failed", "COMMAND_NOT_ALLOWED")


async def test_without_a_model_an_agent_job_fails_and_says_why(ctx: Context) -> None:
    async with working(ctx):
        done = await ended(ctx, await add(ctx, "agent", {"prompt": "Why?"}))
    assert (done.status, done.error["code"]) == ("failed", "AGENT_NOT_CONFIGURED")


async def test_a_function_of_the_operator_is_a_kind_of_jobs(ctx: Context) -> None:
    async with working(ctx):
        done = await ended(ctx, await add(ctx, "echo", {"a": [1]}))
    assert done.status == "succeeded"
    assert (done.result["kind"], done.result["input"]) == ("echo", {"a": [1]})
    assert done.result["token"].startswith("task_")


async def test_a_job_whose_kind_nobody_does_stays(ctx: Context) -> None:
    async with working(ctx):
        job_id = await add(ctx, "thumbnail.make", {})
        await asyncio.sleep(0.5)
    assert (await look(ctx, job_id)).status == "queued"


async def test_a_function_of_the_operator_is_shown_as_a_kind_and_takes_any_object(
    ctx: Context,
) -> None:
    kind = await kinds.get_kind(ctx, "echo")
    assert (kind.built_in, kind.input_schema) == (True, {"type": "object"})
    listed = await kinds.list_kinds(ctx, 1, 100)
    assert [one.kind for one in listed.items] == ["agent", "command", "echo", "http"]
    job = await jobs.create_job(ctx, NewJob(kind="echo", input={"a": 1}))
    assert (await look(ctx, job.id)).status == "queued"


async def test_a_tenant_cannot_take_a_kind_of_the_operator(ctx: Context) -> None:
    new = RegisterKind(description="mine", input_schema={})
    with pytest.raises(Forbidden):
        await kinds.register_kind(ctx, "echo", new)
    with pytest.raises(ValidationFailed):
        await jobs.create_job(ctx, NewJob(kind="another"))


async def test_what_references_come_to_is_held_against_the_built_in_kind_too(ctx: Context) -> None:
    given = {"url": {"$from": "a", "pointer": "/n"}, "headers": {"$literal": {"host": "x"}}}
    tasks = [
        {"slug": "a", "kind": "echo", "input": {"n": 7, "url": "https://example.com/", "e": {}}},
        {"slug": "b", "kind": "http", "input": given},
        {
            "slug": "c",
            "kind": "http",
            "input": given | {"url": {"$from": "a", "pointer": "/input/url"}},
        },
        {"slug": "d", "kind": "command", "input": {"$from": "a", "pointer": "/input/e"}},
    ]
    tasks[1:] = [task | {"dependsOn": ["a"]} for task in tasks[1:]]
    done = await worked_through(ctx, tasks, onFailure="continue")
    found = (await graphs.list_graph_tasks(ctx, done.id, None, None, 20)).items
    assert done.status == "failed"
    assert {
        task.slug: (task.attempt, task.error.code, task.error.message)
        for task in found
        if task.error
    } == {
        "b": (1, "INVALID_INPUT", "/input/url must be of type string"),
        "c": (1, "INVALID_INPUT", "/input/headers/host is set by Prazium"),
        "d": (1, "INVALID_INPUT", "/input/command is required"),
    }


async def test_a_graph_has_the_operators_functions_do_its_tasks_and_the_items_of_its_maps(
    ctx: Context,
) -> None:
    tasks = [
        {"slug": "one", "kind": "echo", "input": {"n": 0}},
        {"slug": "m", "kind": "echo", "map": {"over": [1, 2]}, "input": {"n": {"$item": ""}}},
    ]
    output = {"one": {"$from": "one", "pointer": "/input/n"}, "m": {"$from": "m"}}
    done = await worked_through(ctx, tasks, output=output)
    assert (done.status, done.error) == ("succeeded", None)
    assert done.output["one"] == 0
    assert [item["input"]["n"] for item in done.output["m"]] == [1, 2]
