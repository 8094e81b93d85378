"""The composition root: settings, contract and resources become one ASGI application."""

import asyncio
import contextlib
import json
import signal
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from connexion import AsyncApp
from connexion.middleware.lifespan import Lifespan, LifespanMiddleware
from connexion.options import SwaggerUIOptions

from generated import models
from handlers.gateway.contract import Compiler, Handlers, api_class, for_routing
from handlers.gateway.cors import Cors
from handlers.gateway.edge import Edge
from handlers.gateway.metrics import exposed
from handlers.gateway.operation import Checking
from handlers.gateway.respond import ALIAS, API
from handlers.gateway.routing import Routing
from handlers.gateway.shedding import Lanes
from services.adapters import redis_cache
from services.cache import Generations
from services.context import opened
from services.garbage import collect_rarely
from services.schemas import Json
from services.settings import Settings

DOORS = {"/": f"{API}/docs"} | {
    f"{base}{end}": f"{base}/docs" for base in (API, ALIAS) for end in ("", "/")
}
"""Addresses above the contract that lead a browser to the reference."""
CONTRACT = Path(__file__).parent.parent.parent / "generated" / "openapi.json"


def create_app(settings: Settings, url: str) -> AsyncApp:
    """The application; it connects to the database when the server starts it.

    Raises: ContractBroken if code and contract disagree.
    """

    generations = Generations()  # here, before the server forks its processes

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[Json]:
        shared = redis_cache.shared_of(settings)
        async with opened(settings, url, generations, shared) as app, exposed(app):
            when_asked_to_end(app.draining.set, settings.drain_notice)
            collect_rarely()
            yield {"app": app}

    contract: Json = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return compose(
        contract,
        Handlers("handlers"),
        models,
        lifespan,
        checking=checking(settings),
        lanes=Lanes(settings),
        origins=settings.cors_origins.all,
    )


def compose(
    contract: Json,
    handlers: Handlers,
    types: ModuleType,
    lifespan: Lifespan,
    *,
    checking: Checking,
    lanes: Lanes | None = None,
    origins: tuple[str, ...] = (),
) -> AsyncApp:
    """A contract, its handlers and its types as one application, for pages of these origins too.

    Raises: ContractBroken.
    """
    lanes = lanes or Lanes(Settings())
    compiler = Compiler(contract, handlers, types, checking, lanes)
    application = AsyncApp(
        "handlers",
        lifespan=lifespan,
        middlewares=[
            *([partial(Cors, origins=origins, contract=contract)] if origins else []),
            Edge,
            partial(Routing, operations=compiler.operations, aliases=(ALIAS,), doors=DOORS),
            LifespanMiddleware,
        ],
        resolver=handlers,
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
    )
    application._middleware_app.api_cls = api_class(compiler.operations)
    application.add_api(for_routing(contract), base_path=API)
    build_now(application)
    return application


def checking(settings: Settings) -> Checking:
    """How answers are held against the contract; a mismatch is a 500 in development alone."""
    if settings.validate_responses == "on" and settings.environment == "development":
        return "strict"
    return settings.validate_responses


def when_asked_to_end(call: Callable[[], None], notice_s: float) -> None:
    """Call at SIGTERM and SIGINT, a while before the server's own handler.

    The server stops accepting at once, and tells the application only when all connections are
    closed: too soon for balancers, which look at `/v1/ready`, and too late for streams. gunicorn
    passes a SIGINT on as a SIGQUIT, for which the server has no handler.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    usual = signal.getsignal(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, chained(call, signal.getsignal(number), notice_s))
    signal.signal(signal.SIGQUIT, chained(call, usual, notice_s))


def chained(
    call: Callable[[], None], then: Any, notice_s: float
) -> Callable[[int, FrameType | None], None]:
    """A signal handler that calls, then hands on after the notice."""
    loop = asyncio.get_running_loop()

    def handler(number: int, _: FrameType | None) -> None:
        call()
        told = signal.SIGTERM if number == signal.SIGQUIT else number  # raised again at the end
        if callable(then):
            loop.call_soon_threadsafe(loop.call_later, notice_s, then, told, None)

    return handler


def build_now(application: AsyncApp) -> None:
    """Build Connexion's stack at start-up: what is wrong must not wait for the first request."""
    stack = application.middleware
    stack.app, stack.middleware_stack = stack._build_middleware_stack()
