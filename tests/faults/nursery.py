"""Workers by fork: a process that has everything imported bears one in a few milliseconds.

Each line on standard input asks for a worker: `-`, or the point at which it kills itself, as
`solo.finish_solo before 3` (before it executes that query for the third time), or stops itself
(`solo.finish_solo stop 1`), or how its clocks go: `clock 3600 steps` (an hour ahead, and back and
forth), or how many seconds it waits for an answer of the database: `patience 2`. Each line on
standard output is the number of a process.
"""

import asyncio
import os
import random
import signal
import sys
import time
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import msgspec
import structlog

from db import answers
from db.pool import Transaction
from db.queries import Query
from db.thread import ThreadSession
from generated.models import Failure, Outcome
from services import context
from services.context import opened
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion, EndedRun, Kind
from services.engine.retry import TaskFailed
from services.engine.worker import Worker
from services.settings import Settings

EFFECT = Query("test.effect", b"INSERT INTO effect (run_id) VALUES (%(run_id)s)")
LEASE_S = 1.5


async def plain(ctx: TaskContext, task: TaskRow) -> Completion:
    """Only a result; now and then it takes a while, or fails at first."""
    given = msgspec.json.decode(task.definition)
    await asyncio.sleep(random.random() * given["most_s"])
    if given["fails"] and task.attempt == 1:
        raise TaskFailed("X", "x", retryable=True)
    return Completion(result=given["n"])


async def effect(ctx: TaskContext, task: TaskRow) -> Completion:
    """A result, and a row that is written with it."""
    done = await plain(ctx, task)

    async def record(tx: Transaction) -> None:
        await tx.run(EFFECT, run_id=task.run_id)

    return Completion(result=done.result, record=record)


async def nothing(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """Nothing follows."""


KINDS = {"crash": Kind(functions={"plain": plain, "effect": effect}, ended=nothing)}


def deadly(point: str) -> None:
    """Let this process kill itself at a point."""
    name, place, turn = point.split()
    left = int(turn)

    def strike(query: Query, at: str) -> None:
        nonlocal left
        if (query.name, at) == (name, place):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGSTOP if at == "stop" else signal.SIGKILL)

    if place == "stop":  # a stalled worker learns of its loss by the fence alone
        Worker._on_beat = lambda self, held, began: None  # type: ignore[method-assign]
    execute, beat = Transaction._execute, ThreadSession.all

    async def executed(self: Transaction, cursor: Any, query: Query, given: Any) -> None:
        strike(query, "stop")
        strike(query, "before")
        await execute(self, cursor, query, given)
        strike(query, "after")

    def beaten(self: ThreadSession, query: Query, *rest: Any, **given: Any) -> Any:
        strike(query, "before")
        found = beat(self, query, *rest, **given)
        strike(query, "after")
        return found

    Transaction._execute = executed  # type: ignore[method-assign]
    ThreadSession.all = beaten  # type: ignore[method-assign]


def wrong(offset: float, *, steps: bool) -> None:
    """Let this process believe in another time; one that steps is right every other second."""
    true = time.time

    def told() -> float:
        return true() + (offset if not steps or int(true()) % 2 else 0.0)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Wrong":
            return cls.fromtimestamp(told(), tz)

    time.time = told
    context.datetime = Wrong  # type: ignore[attr-defined]


def told_to(line: str) -> None:
    """What a worker is told on its way."""
    match line.split():
        case ["clock", offset, *how]:
            wrong(float(offset), steps=bool(how))
        case ["patience", seconds]:
            answers.ANSWER_S = float(seconds)
        case [_, _, _]:
            deadly(line)


async def work(url: str, folder: Path) -> None:
    """Be a worker until the end."""
    settings = Settings(
        data_dir=folder, worker_concurrency=20, lease_seconds=LEASE_S, pool_size=4, pool_wait=5.0
    )
    async with opened(settings, url) as app:
        await Worker(app, KINDS).run(asyncio.Event())


def main() -> None:
    """Bear workers until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            random.seed()
            told_to(line)
            asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
