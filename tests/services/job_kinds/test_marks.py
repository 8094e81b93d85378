"""Graphs with marks anywhere are refused with a field, or done without a fault of ours."""

import asyncio
import random
from typing import Any

import msgspec
import psycopg

from generated.models import NewGraph
from services import graphs
from services.context import Context
from services.errors import ValidationFailed
from tests.conftest import Form
from tests.services.job_kinds.conftest import worked_through, working

GRAPHS = 150
ODD: list[Any] = [None, True, -1, 0.5, "", "/", "/-", "~", "x", [], {}, [1], {"a": "/a"}]
KINDS = ("http", "command", "agent", "echo")
LIVE = "SELECT 1 FROM run WHERE completed_at IS NULL"
CODES = "SELECT DISTINCT error ->> 'code' FROM task WHERE error IS NOT NULL"


class Graphs:
    """Graphs by chance: most of what they say can be read, some of it cannot."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def graph(self, depth: int = 0) -> dict[str, Any]:
        """A few tasks, each after some of those before it."""
        slugs: list[str] = []
        tasks = []
        for place in range(self._dice.randint(1, 3)):
            tasks.append(self.task(f"t{place}", list(slugs), depth))
            slugs.append(f"t{place}")
        return {"tasks": tasks, "output": self.mark(slugs, item=depth > 0)}

    def task(self, slug: str, before: list[str], depth: int) -> dict[str, Any]:
        """One thing that is done once, or for each item of something."""
        after = [one for one in before if self._dice.random() < 0.7]
        mapped = self._dice.random() < 0.4
        mark = self.mark(after, item=mapped or depth > 0, index=mapped)
        task: dict[str, Any] = {"slug": slug, "dependsOn": after, "when": "all_ended"}
        if depth < 2 and self._dice.random() < 0.15:
            task["graph"] = self.graph(depth + 1)
        else:
            known = "$literal" in mark and self._dice.random() < 0.9
            task["kind"] = "echo" if known else self._dice.choice(KINDS)
        field = self._dice.choice(["url", "command", "prompt", "headers", "env", "x"])
        task["input"] = self._dice.choice([{field: mark}, {field: [mark]}, mark])
        if mapped:
            over = self.mark(after, item=depth > 0)
            task["map"] = {"over": self._dice.choice([[1, {"a": [1]}], [over], over])}
        return task

    def mark(self, after: list[str], *, item: bool, index: bool = False) -> Any:
        """Something that stands for something else, if it can be read; seldom an item, or its
        place, where there is none.
        """
        chance = self._dice.random
        task = self._dice.choice((after or ["t0"]) if chance() < 0.95 else ODD)
        pointer = self._dice.choice(["", "/a", "/0", "/status"] if chance() < 0.95 else ODD)
        could: list[dict[str, Any]] = [{"$literal": self._dice.choice(ODD)}]
        if after or chance() < 0.05:
            could += [{"$from": task, "pointer": pointer}] * 2
            could += [{"$from": task, "of": self._dice.choice(["error", "status"])}]
        could += [{"$item": pointer}] * (item or chance() < 0.05)
        could += [{"$index": True}] * (index or chance() < 0.05)
        mark = self._dice.choice(could)
        if chance() < 0.3 and "$index" not in mark and "$literal" not in mark:
            mark["default"] = self._dice.choice([*ODD, {"$item": ""}])
        return mark


async def test_an_input_that_comes_to_null_is_refused_as_any_other(ctx: Context) -> None:
    over = {"over": [None, {"url": 1}]}
    tasks = [
        {"slug": "m", "kind": "http", "map": over, "input": {"$item": ""}},
        {
            "slug": "n",
            "kind": "http",
            "dependsOn": ["m"],
            "when": "all_ended",
            "input": {"$from": "m", "pointer": "/0"},
        },
    ]
    graph = await worked_through(ctx, tasks, onFailure="continue")
    of_graph = await graphs.list_graph_tasks(ctx, graph.id, None, None, 20)
    of_map = await graphs.list_graph_tasks(ctx, graph.id, "m", None, 20)
    said = {
        task.slug: task.error and task.error.message for task in (*of_graph.items, *of_map.items)
    }
    assert (
        said.items()
        >= {
            "n": "/input must be of type object",
            "m-0": "/input must be of type object",
            "m-1": "/input/url must be of type string",
        }.items()
    )


async def test_no_mark_anywhere_leads_to_a_fault_of_ours(
    ctx: Context, database: str, form: Form
) -> None:
    made = Graphs(form.random)
    refused = 0
    async with working(ctx):
        for _ in range(GRAPHS):
            try:
                await graphs.create_graph(ctx, msgspec.convert(made.graph(), NewGraph))
            except ValidationFailed:
                refused += 1
        with psycopg.connect(database, autocommit=True) as owner:
            async with asyncio.timeout(60):
                while owner.execute(LIVE).fetchone():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            codes = {code for (code,) in owner.execute(CODES.encode())}
    form.say(refused=refused, codes=sorted(codes))
    assert "INVALID_INPUT" in codes and GRAPHS / 10 < refused < GRAPHS * 0.9
    assert codes.isdisjoint({"INTERNAL_ERROR", "SERVICE_UNAVAILABLE"})
