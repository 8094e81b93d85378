"""Graphs as callers see them: what is refused, what is planned, what comes of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import psycopg
import pytest

from generated.models import (
    AnswerGraphTask,
    ClaimedJob,
    ClaimJobs,
    CompleteJob,
    FailJob,
    Graph,
    GraphPlan,
    GraphState,
    JobError,
    NewGraph,
    RegisterKind,
    RerunGraph,
    SignalGraph,
)
from services import graphs, jobs, keys, kinds, results, run_kinds, worker, worker_jobs
from services.adapters.blobs import Blobs
from services.context import App, Context
from services.engine.claim import TaskContext, TaskRow
from services.engine.graph import forms
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.engine.worker import Worker
from services.errors import Conflict, Forbidden, NotFound, ValidationFailed, WrongState
from services.settings import Settings

EACH = {"map": {"over": [1]}}
HTTP = {"kind": "http", "input": {"url": "https://example.com/"}}


class Echo:
    """Stands in for the kind `http`: gives back what it is given; fails for what is in `broken`."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.done: list[str] = []

    async def __call__(self, ctx: TaskContext, task: TaskRow) -> Completion:
        self.done.append(task.slug)
        if task.slug in self.broken:
            raise TaskFailed("BROKEN", f"{task.slug} is broken")
        return Completion(result=msgspec.json.decode(task.definition))


@pytest.fixture
async def echo(app: App) -> AsyncIterator[Echo]:
    """A worker that does `http` by echoing."""
    made = Echo()
    job = run_kinds.KINDS["job"]
    known = {**run_kinds.KINDS, "job": replace(job, functions={"http": made})}
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(app, known).run(stop))
    yield made
    stop.set()
    await working


def http(slug: str, *after: str, **options: Any) -> dict[str, Any]:
    """A task of kind http."""
    return {"slug": slug, **HTTP, "dependsOn": list(after)} | options


async def created(ctx: Context, *tasks: dict[str, Any], **options: Any) -> str:
    """A graph; its id."""
    new = msgspec.convert({"tasks": tasks, **options}, NewGraph)
    state = await graphs.create_graph(ctx, new)
    assert isinstance(state, GraphState)
    return state.id


async def ended(ctx: Context, graph_id: str) -> Graph:
    """The graph, once it has ended."""
    async with asyncio.timeout(20):
        while (graph := await graphs.get_graph(ctx, graph_id)).completed_at is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return graph


async def task_id(ctx: Context, graph_id: str, slug: str) -> str:
    """The id of a task."""
    graph = await graphs.get_graph(ctx, graph_id)
    return next(task.id for task in graph.tasks if task.slug == slug)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([http("a", "b"), http("b", "c"), http("c", "a")], "dependsOn"),
        ([http("a", "a")], "/tasks/0/dependsOn/0"),
        ([http("a", "ghost")], "/tasks/0/dependsOn/0"),
        ([http("a"), http("a")], "/tasks/1/slug"),
        ([http("m", map={"over": [1]}), http("m-0")], "/tasks/1/slug"),
        ([{"slug": "a"}], "/tasks/0"),
        ([{"slug": "a", **HTTP, "wait": {"for": "answer"}}], "/tasks/0"),
        ([{"slug": "a", "kind": "http", "input": {}}], "/tasks/0/input/url"),
        ([http("a"), {"slug": "b", "kind": "ghost"}], "/tasks/1/kind"),
        ([{"slug": "a", "kind": "small", "input": {"n": "x"}}], "/tasks/0/input/n"),
        (
            [{"slug": "g", "graph": {"tasks": [{"slug": "a", "kind": "ghost"}]}}],
            "/tasks/0/graph/tasks/0/kind",
        ),
        ([http("a"), http("b", input={"url": {"$from": "a"}})], "/tasks/1/input/url/$from"),
        ([http("b", input={"url": {"$from": 7}})], "/tasks/0/input/url/$from"),
        ([http("m", map={"over": 7})], "/tasks/0/map/over"),
        ([http("m", map={"over": [0] * 10_001})], "/tasks/0/map/over"),
        ([http("m", **EACH, input={"url": {"$item": True}})], "/tasks/0/input/url/$item"),
        ([http("m", **EACH, input={"a": [{"$item": "x"}]})], "/tasks/0/input/a/0/$item"),
        ([http("m", **EACH, input={"$item": "", "of": 1})], "/tasks/0/input/of"),
        ([{"slug": "g", "graph": {"tasks": [http("a", input={"url": {"$item": 1}})]}}],
            "/tasks/0/graph/tasks/0/input/url/$item"),
        ([{"slug": "g", "graph": {"tasks": [http("a")], "output": {"$item": "x"}}}],
            "/tasks/0/graph/output/$item"),
        ([http("m", **EACH, input={"x": {"$index": 5}})], "/tasks/0/input/x/$index"),
        ([http("m", **EACH, input={"$item": "/a", "default": [{"$index": True}]})],
            "/tasks/0/input/default"),
        ([http("a"), http("b", "a", input={"$from": "a", "default": {"$item": ""}})],
            "/tasks/1/input/default"),
        ([http("a", input={"url": {"$literal": 1, "keep": 2}})], "/tasks/0/input/url/keep"),
        ([http("m", **EACH, input={"$index": True, "x": 1})], "/tasks/0/input/x"),
        ([http("a", input={"url": 5, "json": {"$set": 1}})], "/tasks/0/input/url"),
        ([http("a", input={"url": {"$literal": 5}})], "/tasks/0/input/url"),
        ([http("a", input={"url": "x", "json": {"$literal": [1e9] * 99_999}})], "/tasks/0/input"),
        ([{"slug": "a", "kind": "small", "input": {"n": {"$foo": 1}}}], "/tasks/0/input/n"),
        ([http("m", map={"over": {"$foo": [1]}})], "/tasks/0/map/over"),
        ([http("m", map={"over": {"$item": ""}})], "/tasks/0/map/over/$item"),
        ([http("a", input={"json": [{"$item": ""}]})], "/tasks/0/input/json/0/$item"),
        ([http("a", input={"json": {"x": {"$index": True}}})], "/tasks/0/input/json/x/$index"),
        ([{"slug": "g", "graph": {"tasks": [http("a", input={"x": {"$index": True}})]}}],
            "/tasks/0/graph/tasks/0/input/x/$index"),
        ([{"slug": "g", "graph": {"tasks": [http("a")]}, "input": {"x": {"$item": ""}}}],
            "/tasks/0/input/x/$item"),
        ([{"slug": "g", "graph": {"tasks": [http("a")]}, "timeoutSeconds": 9}],
            "/tasks/0/timeoutSeconds"),
        ([{"slug": "g", "graph": {"tasks": [http("a")]}, **EACH, "retry": {"maxAttempts": 9}}],
            "/tasks/0/retry"),
        ([{"slug": "g", "graph": {"tasks": [http("a")], "dryRun": True}}], "/tasks/0/graph/dryRun"),
        ([{"slug": "w", "wait": {"for": "answer"}, "queue": "q"}], "/tasks/0/queue"),
        ([{"slug": "w", "wait": {"for": "timer", "seconds": 1, "question": "?"}}],
            "/tasks/0/wait/question"),
        ([{"slug": "w", "wait": {"for": "timer", "until": "9999-01-01T00:00:00Z"}}],
            "/tasks/0/wait/until"),
        ([{"slug": "w", "wait": {"for": "timer"}}], "/tasks/0/wait/seconds"),
        ([{"slug": "w", "wait": {"for": "signal"}}], "/tasks/0/wait/name"),
        ([{"slug": "g", "graph": {"tasks": []}}], "/tasks/0/graph/tasks"),
        (
            [{"slug": "g", "graph": {"tasks": [http("a", "a")]}}],
            "/tasks/0/graph/tasks/0/dependsOn/0",
        ),
    ],
)  # fmt: skip
async def test_what_is_no_graph_is_refused_with_a_pointer(
    ctx: Context, given: list[dict[str, Any]], field: str
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    await kinds.register_kind(ctx, "small", RegisterKind(description="Small.", input_schema=schema))
    with pytest.raises(ValidationFailed) as error:
        await created(ctx, *given)
    assert isinstance(error.value.details, list)
    assert field in error.value.details[0].field_


async def test_an_output_cannot_have_an_item_that_there_is_not(ctx: Context) -> None:
    with pytest.raises(ValidationFailed) as error:
        await created(ctx, http("a"), output={"x": {"$item": ""}})
    assert isinstance(error.value.details, list)
    assert error.value.details[0].field_ == "/output/x/$item"


async def test_five_graphs_can_be_in_each_other_and_are_done(ctx: Context, echo: Echo) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    tasks = [{"slug": "a", "kind": "any"}]
    for _ in range(4):
        tasks = [{"slug": "g", "graph": {"tasks": tasks}}]
    graph_id = await created(ctx, *tasks)
    await work_at(ctx, "any", "done")
    assert (await ended(ctx, graph_id)).status == "succeeded"
    with pytest.raises(ValidationFailed) as error:
        await created(ctx, {"slug": "g", "graph": {"tasks": tasks}})
    assert isinstance(error.value.details, list)
    assert error.value.details[0].message == "would make 6 graphs in each other; 5 are possible"


async def test_a_dry_run_shows_the_plan_and_stores_nothing(ctx: Context) -> None:
    tasks = [
        http("c", "m", "b"),
        http("a"),
        http("b", "a"),
        http("m", "a", map={"over": {"$from": "a", "pointer": "/x"}}),
    ]
    plan = await graphs.create_graph(
        ctx, msgspec.convert({"tasks": tasks, "dryRun": True}, NewGraph)
    )
    assert isinstance(plan, GraphPlan)
    assert {task.slug: (task.level, task.width) for task in plan.tasks} == {
        "a": (0, 1),
        "b": (1, 1),
        "m": (1, None),
        "c": (2, 1),
    }
    assert (plan.levels, plan.widest) == (3, 2)
    each = {"map": {"over": [0] * 2_000}}
    runs = {"slug": "g", "graph": {"tasks": [http("a")]}, **each}
    wide = msgspec.convert({"tasks": [runs, http("m", **each)], "dryRun": True}, NewGraph)
    plan = await graphs.create_graph(ctx, wide)
    assert isinstance(plan, GraphPlan)
    assert [task.width for task in plan.tasks] == [1_000, 2_000]
    assert (await graphs.list_graphs(ctx, None, None, 20)).items == []


async def test_results_flow_through_references_a_map_and_a_graph_in_the_graph(
    ctx: Context, echo: Echo
) -> None:
    inner = {
        "tasks": [http("in", input={"url": {"$item": "/last"}})],
        "output": {"inner": {"$from": "in", "pointer": "/url"}},
    }
    graph_id = await created(
        ctx,
        http("list", input={"url": "https://x/{{7*7}}", "body": "__import__"}),
        http("m", map={"over": ["x", "y"]}, input={"url": {"$item": ""}}),
        {
            "slug": "g",
            "graph": inner,
            "input": {"last": {"$from": "m", "pointer": "/1/url"}},
            "dependsOn": ["m", "list"],
        },
        output={"text": {"$from": "list", "pointer": "/url"}, "g": {"$from": "g"}},
    )
    graph = await ended(ctx, graph_id)
    assert graph.status == "succeeded", graph.error
    assert graph.output == {"text": "https://x/{{7*7}}", "g": {"inner": "y"}}
    items = (await graphs.list_graph_tasks(ctx, graph_id, "m", None, 20)).items
    assert [(item.slug, item.result) for item in items] == [
        ("m-0", {"url": "x"}),
        ("m-1", {"url": "y"}),
    ]
    first = await graphs.list_graph_tasks(ctx, graph_id, None, None, 2)
    rest = await graphs.list_graph_tasks(ctx, graph_id, None, first.pagination.next_cursor, 2)
    assert [task.slug for task in (*first.items, *rest.items)] == ["list", "m", "g"]
    assert rest.items[0].child_id is not None


async def test_a_graph_a_map_in_it_and_a_graph_in_that_have_items_of_their_own(
    ctx: Context, echo: Echo
) -> None:
    inner = {"tasks": [http("i", input={"url": {"$item": "/url"}})], "output": {"$from": "i"}}
    each = {"map": {"over": [{"$item": "/url"}, "y"]}, "input": {"url": {"$item": ""}}}
    outer = {
        "tasks": [http("m", **each), {"slug": "g", "graph": inner, **each}],
        "output": {"m": {"$from": "m"}, "g": {"$from": "g"}, "given": {"$item": "/url"}},
    }
    outer["tasks"][0]["dependsOn"] = outer["tasks"][1]["dependsOn"] = []
    graph_id = await created(
        ctx,
        {"slug": "g", "graph": outer, "input": {"url": "x"}},
        output={"$from": "g"},
    )
    graph = await ended(ctx, graph_id)
    both = [{"url": "x"}, {"url": "y"}]
    assert graph.output == {"m": both, "g": both, "given": "x"}, graph.error


async def test_a_map_has_the_tenants_own_workers_do_its_items(ctx: Context, echo: Echo) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    await kinds.register_kind(ctx, "small", RegisterKind(description="Small.", input_schema=schema))
    graph_id = await created(
        ctx,
        http("known", input={"url": "https://k"}),
        {
            "slug": "m",
            "kind": "small",
            "dependsOn": ["known"],
            "map": {"over": [1, 2, "three", 4]},
            "input": {"n": {"$item": ""}, "at": {"$from": "known", "pointer": "/url"}},
        },
        http("last", "m", when="all_ended"),
        output={"m": {"$from": "m"}},
    )
    done = [await work_at(ctx, "small") for _ in range(3)]
    assert sorted(done, key=str) == [{"n": n, "at": "https://k"} for n in (1, 2, 4)]
    graph = await ended(ctx, graph_id)
    assert (graph.status, graph.output) == ("succeeded", {"m": [2, 4, None, 8]})
    items = (await graphs.list_graph_tasks(ctx, graph_id, "m", None, 20)).items
    assert [item.child_id is None for item in items] == [False, False, True, False]
    assert items[2].error is not None
    assert (items[2].error.code, items[2].error.message) == (
        "INVALID_INPUT",
        "/input/n must be of type integer",
    )


async def test_a_cancelled_job_cancels_the_task_that_waits_for_it_at_once(
    ctx: Context, echo: Echo
) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    last = [http("b", "a", when="all_ended"), http("c", "a")]
    graph_id = await created(ctx, {"slug": "a", "kind": "any"}, *last)
    [task, *_] = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert task.child_id is not None
    await jobs.cancel_job(ctx, task.child_id)
    graph = await ended(ctx, graph_id)
    assert (graph.status, graph.error, echo.done) == ("succeeded", None, ["b"])
    assert [task.status for task in graph.tasks] == ["cancelled", "succeeded", "skipped"]


async def test_a_graph_in_a_graph_that_is_cancelled_cancels_its_task_and_fails_no_graph(
    ctx: Context, echo: Echo
) -> None:
    inner = {"slug": "g", "graph": {"tasks": [{"slug": "w", "wait": {"for": "answer"}}]}}
    graph_id = await created(ctx, inner, http("b"))
    [task, _] = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert task.child_id is not None
    await graphs.cancel_graph(ctx, task.child_id)
    graph = await ended(ctx, graph_id)
    assert (graph.status, graph.tasks[0].status) == ("succeeded", "cancelled")


async def test_a_cancelled_graph_takes_the_jobs_of_its_map_with_it(
    ctx: Context, database: str
) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    each = {"slug": "m", "kind": "any", "map": {"over": list(range(50))}}
    graph_id = await created(
        ctx, each, {"slug": "g", "graph": {"tasks": [{"slug": "a", "kind": "any"}]}}
    )
    await graphs.cancel_graph(ctx, graph_id)
    with psycopg.connect(database) as owner:
        states = owner.execute("SELECT kind, status, count(*) FROM run GROUP BY 1, 2 ORDER BY 1")
        assert states.fetchall() == [("graph", "cancelled", 2), ("job", "cancelled", 51)]
        ends = owner.execute(
            "SELECT payload ->> 'status', count(*) FROM event WHERE type = 'run.completed'"
            " GROUP BY 1"
        )
        assert ends.fetchall() == [("cancelled", 53)]
        assert owner.execute("SELECT 1 FROM ready").fetchall() == []


async def test_a_graph_has_the_large_results_of_jobs_too(ctx: Context, echo: Echo) -> None:
    text = RegisterKind(description="Text.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "text", text)
    graph_id = await created(
        ctx,
        {"slug": "a", "kind": "text", "input": {"n": "x"}},
        {"slug": "b", "kind": "text", "dependsOn": ["a"], "input": {"n": {"$from": "a"}}},
        http("c", "b", when="all_ended"),
        output={"a": {"$from": "a"}},
    )
    large, too_large = "x" * 200_000, "x" * 1_200_000
    assert await work_at(ctx, "text", large) == {"n": "x"}
    assert await work_at(ctx, "text", too_large) == {"n": large}
    graph = await ended(ctx, graph_id)
    assert graph.output == {"a": large}
    tasks = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    codes = {task.slug: task.error and task.error.code for task in tasks}
    assert codes == {"a": None, "b": "RESULT_TOO_LARGE", "c": None}


async def test_marks_that_would_make_gigabytes_are_refused_before_they_do(
    ctx: Context, echo: Echo
) -> None:
    large, often = "x" * 500_000, 5_000
    holds = {"url": "https://x", "json": {"$literal": large}}
    many = [http(f"l{n}", input=holds) for n in range(40)]
    graph_id = await created(
        ctx,
        http("a", input=holds),
        http("refs", "a", input={"x": [{"$from": "a", "pointer": "/json"}] * often}),
        http("items", map={"over": [large]}, input={"x": [{"$item": ""}] * often}),
        *many,
        http(
            "fan_in", *[t["slug"] for t in many], input={"x": [{"$from": t["slug"]} for t in many]}
        ),
        {
            "slug": "inner",
            "graph": {"tasks": [http("i", input={"x": [{"$item": "/url"}] * often})]},
            "input": {"url": large},
        },
        onFailure="continue",
    )
    graph = await ended(ctx, graph_id)
    of_graph = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 100)).items
    of_map = (await graphs.list_graph_tasks(ctx, graph_id, "items", None, 20)).items
    codes = {task.slug: task.error.code for task in (*of_graph, *of_map) if task.error}
    too_large = "INPUT_TOO_LARGE"
    assert codes == dict.fromkeys(("refs", "items", "fan_in", "inner"), too_large)
    assert graph.status == "failed"


@pytest.mark.parametrize(
    ("task", "field"),
    [
        ({"kind": "any", "input": {"x": "LARGE"}}, "/tasks/0/input"),
        ({"kind": "any", "input": {"x": {"$literal": "LARGE"}}}, "/tasks/0/input"),
        (
            {"graph": {"tasks": [{"slug": "b", "kind": "any", "input": {"x": "LARGE"}}]}},
            "/tasks/0/graph",
        ),
    ],
    ids=["input", "literal", "graph"],
)
async def test_an_input_that_grows_too_large_as_it_is_written_is_named_at_once(
    ctx: Context, task: dict[str, Any], field: str
) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    large = msgspec.json.encode(["x" * 900_000, *[0] * 15_000]).replace(b",0", b",1e15")
    text = msgspec.json.encode({"slug": "a", **task}).replace(b'"LARGE"', large)
    assert len(text) < 1024 * 1024
    with pytest.raises(ValidationFailed) as refused:
        await created(ctx, msgspec.json.decode(text))
    assert isinstance(refused.value.details, list)
    assert [found.field_ for found in refused.value.details] == [field]


async def test_what_begins_together_is_limited_in_all(
    ctx: Context, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MOST_BEGUN_BYTES", 1_000_000)
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    mark = {"$from": "a", "pointer": "/json"}
    each = {"slug": "m", "kind": "any", "dependsOn": ["a"], "map": {"over": [1, 2, 3]}}
    holds = {"url": "https://x", "json": "x" * 400_000}
    graph_id = await created(ctx, http("a", input=holds), {**each, "input": {"x": mark}})
    for _ in range(2):
        job = await claimed(ctx, "any")
        await worker_jobs.complete_job(ctx, job.job_id, CompleteJob(lease_token=job.lease_token))
    await ended(ctx, graph_id)
    items = (await graphs.list_graph_tasks(ctx, graph_id, "m", None, 20)).items
    assert [item.error and item.error.code for item in items] == [None, None, "INPUT_TOO_LARGE"]


async def test_graphs_in_a_row_cannot_make_something_ever_deeper(ctx: Context, echo: Echo) -> None:
    inner = {"tasks": [http("i")], "output": {"x": deep_in({"$item": "/v"}, 40)}}
    graph_id = await created(
        ctx,
        {"slug": "a", "graph": inner, "input": {"v": 1}},
        {"slug": "b", "graph": inner, "dependsOn": ["a"], "input": {"v": {"$from": "a"}}},
    )
    assert (await ended(ctx, graph_id)).status == "failed"
    tasks = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert [task.error and task.error.code for task in tasks] == [None, "RESULT_TOO_DEEP"]


def deep_in(value: Any, levels: int) -> Any:
    """A value in so many lists."""
    for _ in range(levels):
        value = [value]
    return value


async def test_a_wait_for_a_time_long_past_ends_at_once(ctx: Context, echo: Echo) -> None:
    past = {"for": "timer", "until": "0001-01-01T00:00:00Z"}
    graph_id = await created(ctx, {"slug": "w", "wait": past}, http("a", "w"))
    assert (await ended(ctx, graph_id)).status == "succeeded"


async def test_an_output_that_would_be_too_large_fails_its_graph(ctx: Context, echo: Echo) -> None:
    mark, holds = {"$from": "a", "pointer": "/json"}, {"url": "https://x", "json": "x" * 500_000}
    graph_id = await created(ctx, http("a", input=holds), output={"x": [mark] * 3})
    graph = await ended(ctx, graph_id)
    assert graph.error is not None and graph.error.code == "RESULT_TOO_LARGE"
    assert graph.error.message.startswith("The result has more than 1048576 bytes")
    assert (graph.status, graph.output) == ("failed", None)


async def test_a_graph_waits_for_a_large_result_that_cannot_be_read_now(
    ctx: Context, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = RegisterKind(description="Text.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "text", text)
    once = {"slug": "a", "kind": "text", "input": {"n": 1}}
    graph_id = await created(ctx, once, output={"a": {"$from": "a"}})
    read, asked = results.blobs, list[str]()

    def broken(settings: Settings) -> Blobs:
        asked.append("")
        if len(asked) == 2:  # the first stores it
            raise OSError("the disk is away")
        return read(settings)

    monkeypatch.setattr(results, "blobs", broken)
    await work_at(ctx, "text", "x" * 100_000)
    graph = await ended(ctx, graph_id)
    assert (graph.status, graph.output) == ("succeeded", {"a": "x" * 100_000})
    assert len(asked) == 3


async def claimed(ctx: Context, kind: str) -> ClaimedJob:
    """A job that a worker of the tenant has claimed."""
    wanted = ClaimJobs(queues=["default"], kinds=[kind], wait_seconds=10)
    [job] = (await worker.claim_jobs(ctx, wanted)).jobs
    return job


async def work_at(ctx: Context, kind: str, result: str | None = None) -> Any:
    """Do one job as a worker of the tenant, as if by doubling `n`; its input."""
    job = await claimed(ctx, kind)
    given = msgspec.json.decode(msgspec.json.encode(job.input))
    done = CompleteJob(lease_token=job.lease_token, result=result or 2 * given["n"])
    await worker_jobs.complete_job(ctx, job.job_id, done)
    return given


async def test_a_graph_can_be_done_for_each_item_of_a_list(ctx: Context, echo: Echo) -> None:
    inner = {
        "tasks": [
            http("in", input={"url": {"$item": "/page"}}),
            http("after", "in", input={"url": {"$from": "in", "pointer": "/url"}}),
        ],
        "output": {"inner": {"$from": "after", "pointer": "/url"}},
    }
    graph_id = await created(
        ctx,
        {
            "slug": "m",
            "graph": inner,
            "map": {"over": ["x", "y"], "concurrency": 1},
            "input": {"page": {"$item": ""}},
        },
        output={"m": {"$from": "m"}},
    )
    graph = await ended(ctx, graph_id)
    assert graph.status == "succeeded", graph.error
    assert graph.output == {"m": [{"inner": "x"}, {"inner": "y"}]}


async def test_a_rerun_keeps_what_came_before(ctx: Context, echo: Echo) -> None:
    echo.broken = {"b"}
    graph_id = await created(ctx, http("a"), http("b", "a"), http("c", "b"), http("d", "a"))
    with pytest.raises(ValidationFailed):
        await ended(ctx, graph_id)
        await graphs.rerun_graph(ctx, graph_id, RerunGraph(from_task="ghost"))
    echo.broken, echo.done = set(), []
    again = await graphs.rerun_graph(ctx, graph_id, RerunGraph())
    graph = await ended(ctx, again.id)
    assert (graph.status, graph.rerun_of) == ("succeeded", graph_id)
    assert echo.done == ["b", "c"]
    echo.done = []
    last = await graphs.rerun_graph(ctx, again.id, RerunGraph(from_task="d"))
    assert (await ended(ctx, last.id)).status == "succeeded"
    assert echo.done == ["d"]


async def key_of(ctx: Context) -> str:
    """Another key of the tenant; its id."""
    secret = await keys.create_key(ctx.app, ctx.actor.tenant_id, "other")
    actor = await keys.find_actor(ctx.app, secret)
    assert actor is not None
    return actor.subject


async def test_only_keys_that_can_answer_are_asked(ctx: Context, other_ctx: Context) -> None:
    theirs, ended, good = await key_of(other_ctx), await key_of(ctx), await key_of(ctx)
    await keys.revoke_key(ctx.app, ended)
    unknown = "key_01kb0r5v8wf5qtx1c9ht2kq6mz"
    wait = {"for": "answer", "answerers": [good, unknown, ended, theirs]}
    with pytest.raises(ValidationFailed) as refused:
        await created(ctx, {"slug": "w", "wait": wait})
    assert [one.field_ for one in refused.value.details or []] == [
        f"/tasks/0/wait/answerers/{place}" for place in (1, 2, 3)
    ]


async def test_only_whom_it_asks_can_answer_and_once(ctx: Context) -> None:
    other = await key_of(ctx)
    graph_id = await created(
        ctx,
        {"slug": "mine", "wait": {"for": "answer"}},
        {"slug": "other", "wait": {"for": "answer", "answerers": [other]}},
    )
    answer = AnswerGraphTask(answer={"ok": True})
    mine, others = [await task_id(ctx, graph_id, slug) for slug in ("mine", "other")]
    assert (await graphs.answer_graph_task(ctx, graph_id, mine, answer)).status == "succeeded"
    with pytest.raises(WrongState):
        await graphs.answer_graph_task(ctx, graph_id, mine, answer)
    with pytest.raises(Forbidden):
        await graphs.answer_graph_task(ctx, graph_id, others, answer)
    assert (await graphs.cancel_graph_task(ctx, graph_id, others)).status == "cancelled"
    with pytest.raises(WrongState):
        await graphs.cancel_graph(ctx, graph_id)


async def test_who_answers_what_asks_for_no_answer_is_told_so(ctx: Context) -> None:
    signal = {"slug": "w", "wait": {"for": "signal", "name": "x"}}
    graph_id = await created(ctx, signal)
    with pytest.raises(Conflict, match="asks for no answer"):
        w = await task_id(ctx, graph_id, "w")
        await graphs.answer_graph_task(ctx, graph_id, w, AnswerGraphTask(answer=1))


async def test_a_task_that_starts_a_job_has_the_attempts_of_the_job(
    ctx: Context, echo: Echo
) -> None:
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)
    retry = {"maxAttempts": 3, "baseSeconds": 0}
    graph_id = await created(ctx, {"slug": "a", "kind": "any", "retry": retry})
    job = await claimed(ctx, "any")
    broken = FailJob(lease_token=job.lease_token, error=JobError(code="BROKEN", message="x"))
    await worker_jobs.fail_job(ctx, job.job_id, broken)
    await claimed(ctx, "any")
    [task] = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert task.attempt == 2


async def test_a_signal_a_retry_and_a_cancel_reach_a_live_graph(ctx: Context, echo: Echo) -> None:
    echo.broken = {"b"}
    wait = {"slug": "w", "wait": {"for": "signal", "name": "paid"}}
    graph_id = await created(ctx, wait, http("b"))
    with pytest.raises(WrongState):
        await graphs.rerun_graph(ctx, graph_id, RerunGraph())
    b = await task_id(ctx, graph_id, "b")
    async with asyncio.timeout(10):
        while (await graphs.get_graph(ctx, graph_id)).tasks[1].status != "failed":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    echo.broken = set()
    assert (await graphs.retry_graph_task(ctx, graph_id, b)).status == "pending"
    signalled = await graphs.signal_graph(ctx, graph_id, SignalGraph(name="paid", payload=1))
    assert signalled.delivered
    assert (await ended(ctx, graph_id)).status == "succeeded"
    types = [e.event_type for e in await graphs.list_graph_events(ctx, graph_id, None, None, 100)]
    assert types[0] == "RUN_CREATED" and types[-1] == "RUN_COMPLETED"
    assert {"TASK_WAITING", "RUN_SIGNALLED", "TASK_REOPENED"} <= set(types)


async def test_a_graph_of_another_tenant_is_not_there(ctx: Context, other_ctx: Context) -> None:
    graph_id = await created(ctx, {"slug": "w", "wait": {"for": "answer"}})
    with pytest.raises(NotFound):
        await graphs.get_graph(other_ctx, graph_id)
    with pytest.raises(NotFound):
        await graphs.cancel_graph(other_ctx, graph_id)
    with pytest.raises(NotFound):
        await graphs.signal_graph(other_ctx, graph_id, SignalGraph(name="x"))
