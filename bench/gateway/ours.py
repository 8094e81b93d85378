"""Ours: the real application on the full contract; only two handler functions are others.

The key is one of the database and found in the gateway's cache, as in production.
"""

from typing import Any

import msgspec
from connexion import AsyncApp

from bench.gateway.payloads import PAGINATION, PROJECT_ID, RUNS, draft
from generated.models import CreateProject, RunStatus
from handlers import projects, runs
from handlers.gateway.app import create_app
from handlers.gateway.respond import Reply, created, paged
from scripts import logs
from scripts.processes import HttpProcess
from services.context import Context
from services.pages import Page
from services.settings import Settings

UVICORN = HttpProcess.CONFIG_KWARGS
RESULT = Page(RUNS, PAGINATION)


def create(
    url: str, validate: str, sql: bool = False, kept: bool = False, log: bool = False
) -> AsyncApp:
    """The application, without a line per request, as the peers write none either.

    With `sql` its handlers are its own; with `kept` it may answer a read from its cache, and with
    `log` it writes that line, as in production. Otherwise every request goes the whole way.
    """
    if not sql:
        swap_handlers()
    logs.configure("info" if log else "warning")
    return create_app(settings(validate, kept), url)


def settings(validate: str, kept: bool = False) -> Settings:
    """Those of production, but for two."""
    given: dict[str, Any] = {"validate_responses": validate}
    return Settings(**given) if kept else Settings(**given, cache_mb=0)


def swap_handlers() -> None:
    """Put answers that are ready in the place of those that ask the database."""
    setattr(runs, "list_runs", list_runs)  # noqa: B010 - so that types do not forbid it
    setattr(projects, "create_project", create_project)  # noqa: B010


async def list_runs(
    ctx: Context, project_id: str, page: int, page_size: int, status: RunStatus | None
) -> Reply:
    """GET /projects/{projectId}/runs, without SQL."""
    return paged(RESULT)


async def create_project(ctx: Context, body: CreateProject) -> Reply:
    """POST /projects, without SQL."""
    return created(draft(body.name, body.description), f"/projects/{PROJECT_ID}")


def validation_settings() -> list[str]:
    """The values that `validate_responses` can have."""
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    return [v for v in ("off", "sample", "on") if v in fields["validate_responses"].type.__args__]


def usual_validation() -> str:
    """The value that it has if nobody says otherwise."""
    return Settings().validate_responses
