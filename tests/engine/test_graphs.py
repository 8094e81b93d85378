"""Graphs are checked, and worked through in their order."""

import asyncio
import time
from typing import Any

import pytest

from services.engine.claim import TaskContext, TaskRow
from services.engine.graph.checking import InvalidGraph, Node, check_graph
from services.engine.kind import Completion
from tests.engine.conftest import Lab, new


def node(slug: str, *after: str, id: str | None = None) -> Node:
    """A node whose key is its slug, unless one is given."""
    return Node(key=id or slug, slug=slug, after=list(after))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("a", "b"), node("b", "c"), node("c", "a")], "wait for each other"),
        ([node("a", "a")], "wait for each other: a → a"),
        ([node("a", "ghost")], "a depends on ghost, which is no task"),
        ([node("a", id="1"), node("a", id="2")], "The slug a is used twice"),
        ([node("a", id="1"), node("b", id="1")], "The id 1 is used twice"),
    ],
)
def test_what_is_no_graph_is_refused_with_the_reason(nodes: Any, message: str) -> None:
    with pytest.raises(InvalidGraph, match=message):
        check_graph(nodes)


def test_a_graph_of_many_tasks_is_checked_quickly() -> None:
    chain = [node(f"t{n}", *([f"t{n - 1}"] if n else [])) for n in range(2000)]
    began = time.perf_counter()
    assert check_graph(chain)[-1] == "t1999"
    assert time.perf_counter() - began < 2


async def test_a_graph_that_is_refused_stores_nothing(lab: Lab) -> None:
    with pytest.raises(InvalidGraph):
        await lab.start(new("a", "b"), new("b", "a"))
    assert lab.rows("SELECT 1 FROM task") == lab.rows("SELECT 1 FROM run") == []


async def test_a_task_begins_after_everything_that_it_waits_for(lab: Lab) -> None:
    run = await lab.start(
        new("last", "left", "right"), new("left", "first"), new("right", "first"), new("first")
    )
    assert await lab.work_through(run) == "succeeded"
    said = lab.said(run)
    for before, after in (("first", "left"), ("first", "right"), ("left", "last")):
        assert said.index(f"task.completed {before}") < said.index(f"task.started {after}")
    assert said.index("task.completed right") < said.index("task.started last")
    assert said[-1] == "run.completed"
    assert lab.rows("SELECT 1 FROM ready") == []


async def test_independent_tasks_run_at_the_same_time(lab: Lab) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(ctx: TaskContext, task: TaskRow) -> Completion:
        await asyncio.wait_for(meeting.wait(), 5)  # alone, it would wait in vain
        return Completion()

    lab.does = {"a": meet, "b": meet}
    run = await lab.start(new("a"), new("b"))
    assert await lab.work_through(run) == "succeeded"


async def test_two_workers_share_a_run(lab: Lab) -> None:
    who: set[str] = set()
    meeting = asyncio.Barrier(6)  # more than one worker has room for

    async def meet(ctx: TaskContext, task: TaskRow) -> Completion:
        who.add(ctx.actor.subject)
        await asyncio.wait_for(meeting.wait(), 10)
        return Completion()

    slugs = [f"t{n}" for n in range(6)]
    lab.does = dict.fromkeys(slugs, meet)
    run = await lab.start(*(new(slug) for slug in slugs))
    async with lab.working(2):
        assert await lab.finish(run) == "succeeded"
    assert len(who) == 2


async def test_a_dependency_named_twice_counts_once(lab: Lab) -> None:
    run = await lab.start(new("a"), new("b", "a", "a"))
    assert await lab.work_through(run) == "succeeded"


async def test_tasks_of_a_higher_priority_are_claimed_first(lab: Lab) -> None:
    await lab.start(*(new(f"low{n}") for n in range(8)))
    await lab.start(*(new(f"high{n}", priority=1) for n in range(4)))
    claimed = [lease.task_id for lease in await lab.claim("wrk_a", 4)]
    slugs = lab.rows("SELECT slug FROM task WHERE id = ANY(%s) ORDER BY slug", claimed)
    assert slugs == [("high0",), ("high1",), ("high2",), ("high3",)]
