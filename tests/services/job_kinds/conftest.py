"""Functions of job kinds, alone without a database and as a worker calls them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from db.listen import Hints
from db.pool import Database
from generated.models import Graph, GraphState, NewGraph
from services import graphs
from services.context import App, Context
from services.engine.worker import Worker
from services.run_kinds import of_installation
from services.settings import Functions, Networks, Settings

MakeApp = Callable[..., App]


@pytest.fixture
async def make_app(tmp_path: Path) -> AsyncIterator[MakeApp]:
    """Makes a process's resources with these settings."""
    made: list[App] = []

    def make(**settings: object) -> App:
        chosen = msgspec.structs.replace(Settings(data_dir=tmp_path / "data"), **settings)
        nowhere = "postgresql://127.0.0.1:9/none"
        made.append(App(chosen, Database(nowhere), Hints(nowhere)))
        return made[-1]

    yield make
    for app in made:
        await app.opened.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that lets jobs do things."""
    return msgspec.structs.replace(
        settings,
        egress_allow=Networks("127.0.0.1:*"),
        job_commands="cat,sleep",
        job_functions=Functions("echo=tests.engine.executor_functions:echo"),
    )


@asynccontextmanager
async def working(ctx: Context) -> AsyncIterator[None]:
    """A worker that stops with this block."""
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(ctx.app, of_installation(ctx.settings)).run(stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def worked_through(ctx: Context, tasks: list[dict[str, Any]], **options: Any) -> Graph:
    """A graph of these tasks, once a worker has ended it."""
    async with working(ctx), asyncio.timeout(10):
        new = msgspec.convert({"tasks": tasks, **options}, NewGraph)
        state = await graphs.create_graph(ctx, new)
        assert isinstance(state, GraphState)
        while (graph := await graphs.get_graph(ctx, state.id)).completed_at is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return graph
