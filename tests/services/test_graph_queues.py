"""Graphs and keys that are restricted to queues; and queues that are deleted."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services import graphs, queues
from services.context import Context
from services.errors import Forbidden
from tests.services.test_graphs import HTTP, Echo, created, echo, task_id

__all__ = ["echo"]

WAIT = {"slug": "w", "wait": {"for": "answer"}}


def narrow(ctx: Context) -> Context:
    """The same caller with a key for the queue `mine` alone."""
    return replace(ctx, actor=replace(ctx.actor, queues=frozenset({"mine"})))


def at(queue: str, slug: str = "a") -> dict[str, Any]:
    """A task in a queue."""
    return {"slug": slug, **HTTP, "queue": queue}


def within(*tasks: dict[str, Any]) -> dict[str, Any]:
    """A graph as a task."""
    return {"slug": "g", "graph": {"tasks": list(tasks)}}


@pytest.mark.parametrize("tasks", [[WAIT], [at("mine"), WAIT], [within(at("mine"))]])
async def test_a_key_with_queues_creates_and_cancels_graphs_that_use_these_alone(
    ctx: Context, tasks: list[dict[str, Any]]
) -> None:
    graph_id = await created(narrow(ctx), *tasks)
    assert (await graphs.cancel_graph(narrow(ctx), graph_id)).status == "cancelled"


@pytest.mark.parametrize(
    ("tasks", "queue"),
    [
        ([at("mine"), at("theirs", "b")], "theirs"),
        ([at("mine"), {"slug": "b", **HTTP}], "default"),
        ([at("mine"), within(WAIT, within(at("theirs")))], "theirs"),
    ],
)
async def test_a_key_with_queues_creates_no_graph_that_uses_another(
    ctx: Context, tasks: list[dict[str, Any]], queue: str
) -> None:
    with pytest.raises(Forbidden, match=queue):
        await created(narrow(ctx), *tasks)


async def test_a_graph_in_a_graph_is_changed_by_whoever_may_change_the_outer_one(
    ctx: Context,
) -> None:
    graph_id = await created(ctx, within(WAIT), {**at("theirs"), "dependsOn": ["g"]})
    [task, _] = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert task.child_id is not None
    with pytest.raises(Forbidden, match="theirs"):
        await graphs.cancel_graph(narrow(ctx), task.child_id)
    assert (await graphs.cancel_graph(ctx, task.child_id)).status == "cancelled"


async def second_is(ctx: Context, graph_id: str, status: str) -> None:
    """Wait until the graph's second task stands so."""
    async with asyncio.timeout(10):
        while (await graphs.get_graph(ctx, graph_id)).tasks[1].status != status:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_task_that_is_retried_makes_its_queue_again(ctx: Context, echo: Echo) -> None:
    echo.broken = {"b"}
    graph_id = await created(ctx, WAIT, at("mine", "b"))
    await second_is(ctx, graph_id, "failed")
    await queues.delete_queue(ctx, "mine")
    echo.broken = set()
    await graphs.retry_graph_task(ctx, graph_id, await task_id(ctx, graph_id, "b"))
    await second_is(ctx, graph_id, "succeeded")
    assert (await queues.get_queue(ctx, "mine")).concurrency is None
