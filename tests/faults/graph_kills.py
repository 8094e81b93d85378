"""A graph whose worker is killed at each of its commits: run as a program, with a database's URL.

For each number n a worker is forked that kills itself just before or just after its nth commit of
what changes a tenant; a second one then carries the graph to its end. Each line of the output is
what came of one graph.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from db.pool import Database, Transaction
from db.queries import Query
from generated.models import AnswerGraphTask, GraphState, NewGraph, SignalGraph
from services import graphs, run_kinds
from services.context import Actor, App, Context, new_id, opened
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion, Kind
from services.engine.worker import Worker
from services.settings import Settings

EFFECT = Query("test.effect", b"INSERT INTO effect (what) VALUES (%(what)s)")
JOB = run_kinds.KINDS["job"]
WORK = {"kind": "http", "input": {"url": "https://example.com/"}}


async def act(ctx: TaskContext, task: TaskRow) -> Completion:
    """An effect that is recorded with the result."""

    async def record(tx: Transaction) -> None:
        await tx.run(EFFECT, what=f"{task.run_id}/{task.slug}")

    return Completion(result={"list": [1, 2, 3], "slug": task.slug}, record=record)


KINDS = {**run_kinds.KINDS, "job": Kind({"http": act}, JOB.ended, JOB.start)}


def work(slug: str, *after: str, **more: Any) -> dict[str, Any]:
    """A step."""
    return {"slug": slug, **WORK, "dependsOn": list(after)} | more


TASKS = [
    work("a"),
    work("b", "a"),
    work("c", "a"),
    work("map", "b", map={"over": {"$from": "b", "pointer": "/list"}, "concurrency": 2}),
    {"slug": "human", "wait": {"for": "answer"}, "dependsOn": ["c"]},
    {"slug": "paid", "wait": {"for": "signal", "name": "paid"}, "dependsOn": ["c"]},
    {"slug": "pause", "wait": {"for": "timer", "seconds": 0.05}, "dependsOn": ["map"]},
    {"slug": "inner", "graph": {"tasks": [work("x"), work("y", "x")]}, "dependsOn": ["human"]},
    work("any", "b", "paid", when="any_succeeded"),
    work("join", "map", "inner", "paid", "pause"),
    work("always", "join", "any", when="all_ended"),
    work("end", "always"),
]


def settings(folder: Path) -> Settings:
    """Short leases."""
    return Settings(data_dir=folder, lease_seconds=1.0, log_level="error")


def deadly(turn: int, before: bool) -> None:
    """Let this process kill itself at a commit."""
    left, begin = turn, Database.transaction

    @asynccontextmanager
    async def transaction(self: Database, tenant: str, **more: str) -> AsyncIterator[Transaction]:
        nonlocal left
        async with begin(self, tenant, **more) as tx:
            yield tx
            left -= tx.changed
            due = tx.changed and left == 0
            if due and before:
                os.kill(os.getpid(), signal.SIGKILL)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)

    Database.transaction = transaction  # type: ignore[method-assign]


async def steer(ctx: Context, graph_id: str, stop: asyncio.Event) -> None:
    """Answer and signal when it is asked for, and end the worker with the graph."""
    while (graph := await graphs.get_graph(ctx, graph_id)).completed_at is None:
        for task in graph.tasks:
            if task.slug == "human" and task.status == "waiting":
                given = AnswerGraphTask(answer=True)
                await graphs.answer_graph_task(ctx, graph_id, task.id, given)
        await asyncio.sleep(0.02)
    stop.set()


async def carry(url: str, folder: Path, tenant: str, graph_id: str) -> None:
    """A worker that works until the graph has ended."""
    async with opened(settings(folder), url) as app:
        stop = asyncio.Event()
        ctx = context(app, tenant)
        steering = asyncio.create_task(steer(ctx, graph_id, stop))
        await Worker(app, KINDS).run(stop)
        await steering


def context(app: App, tenant: str) -> Context:
    """Someone in the tenant."""
    return Context(app, Actor(tenant, "key_test"), new_id("req"))


async def begin(url: str, folder: Path, tenant: str) -> str:
    """A new graph, and the signal that it will wait for; its id."""
    async with opened(settings(folder), url) as app:
        ctx = context(app, tenant)
        state = await graphs.create_graph(ctx, msgspec.convert({"tasks": TASKS}, NewGraph))
        assert isinstance(state, GraphState)
        await graphs.signal_graph(ctx, state.id, SignalGraph(name="paid", payload=1))
        return state.id


def in_a_fork(run: Any) -> int:
    """Do something in a process of its own; how it ended, -9 if it was killed."""
    child = os.fork()
    if not child:
        run()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def trial(url: str, folder: Path, tenant: str, turn: int, before: bool) -> bool:
    """One graph, whose first worker is killed at this commit; False if it had fewer."""
    graph_id = asyncio.run(begin(url, folder, tenant))

    def killed() -> None:
        deadly(turn, before)
        asyncio.run(carry(url, folder, tenant, graph_id))

    ended = in_a_fork(killed)
    in_a_fork(lambda: asyncio.run(carry(url, folder, tenant, graph_id)))
    told = {"graph": graph_id, "turn": turn, "before": before, "killed": ended == -signal.SIGKILL}
    print(json.dumps(told), flush=True)
    return ended == -signal.SIGKILL


def main(url: str, folder: str, tenant: str, stride: int) -> None:
    """Every `stride`th commit, before and after it, until there are no more."""
    turn = 1
    while trial(url, Path(folder), tenant, turn, True):
        trial(url, Path(folder), tenant, turn, False)
        turn += stride


if __name__ == "__main__":
    URL, FOLDER, TENANT, STRIDE = sys.argv[1:]
    main(URL, FOLDER, TENANT, int(STRIDE))
