"""Without SQL and without a socket: the cost of a request, and of finding its operation."""

import asyncio
import contextlib
import copy
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from bench.figures import OURS
from bench.gateway import ours
from bench.gateway.over_http import KEPT, contestants
from bench.gateway.payloads import requests
from bench.in_process import leg, started
from bench.run import Leg, Report, measured
from bench.wrk import Request
from generated import models
from handlers import runs
from handlers.gateway.app import CONTRACT, compose
from handlers.gateway.contract import Handlers
from services.context import opened

SCALE = 0.1
"""In process a tenth of the time gives as many requests that are all alike."""
FEW, MANY = 10, 200


def run(report: Report, url: str, key: str, folder: Path) -> None:
    """Both payloads for every contestant, then ours with 10 and with 200 operations."""
    with (
        (folder / "in-process.log").open("w") as log,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        contextlib.ExitStack() as stack,
    ):
        with contextlib.redirect_stderr(log):  # ours log to what is standard error now
            apps = {name: created(*given) for name, given in contestants(url).items()}
        calls = {name: caller(stack, runner, app) for name, app in apps.items()}
        for method, request in requests(key).items():
            legs = {name: call(request) for name, call in calls.items()}
            if method != "GET":
                del legs[KEPT]
            pairs = measured(report, f"{method} in process", legs, SCALE)
            report.add(f"in_process.{method.lower()}", "µs of CPU per request", "cost", pairs)
        routing(report, stack, runner, url, key)


def created(module: str, given: dict[str, Any]) -> Any:
    """One contestant."""
    return importlib.import_module(module).create(**given)


def caller(
    stack: contextlib.ExitStack, runner: asyncio.Runner, app: Any
) -> Callable[[Request], Leg]:
    """Makes legs of an application that is started now, and ended with the stack."""
    context = started(app)
    state = runner.run(context.__aenter__())
    stack.callback(lambda: runner.run(context.__aexit__(None, None, None)))
    return lambda request: leg(runner, app, request, state)


def routing(
    report: Report, stack: contextlib.ExitStack, runner: asyncio.Runner, url: str, key: str
) -> None:
    """The GET where the contract has 200 operations, and where it has 10."""
    ours.swap_handlers()
    request = requests(key)["GET"]
    legs = {
        name: caller(stack, runner, with_operations(count, url))(request)
        for name, count in ((OURS, MANY), (f"{FEW} operations", FEW))
    }
    pairs = measured(report, f"routing among {MANY} operations", legs, SCALE)
    report.add("routing", f"µs of CPU per GET among {MANY} operations", "cost", pairs)


def with_operations(count: int, url: str) -> Any:
    """Ours on a contract of so many operations; the one that is asked for comes last."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> Any:
        async with opened(ours.settings("on"), url) as app:
            yield {"app": app}

    contract = resized(json.loads(CONTRACT.read_text(encoding="utf-8")), count)
    return compose(contract, Handlers("handlers"), models, lifespan, checking="on")


def resized(contract: dict[str, Any], count: int) -> dict[str, Any]:
    """The contract with copies of one operation on paths of their own, that one at the end."""
    path = "/projects/{projectId}/runs"
    asked = {"get": contract["paths"][path]["get"]}
    contract["paths"] = {}
    for number in range(1, count):
        name = f"list_runs_{number}"
        setattr(runs, name, runs.list_runs)
        copied = copy.deepcopy(asked)
        copied["get"]["operationId"] = name
        contract["paths"][f"/projects/{{projectId}}/nouns{number}"] = copied
    contract["paths"][path] = asked
    return contract
