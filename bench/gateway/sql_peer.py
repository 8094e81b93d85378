"""FastAPI and psycopg: our query of one project, without authentication and row-level security."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from fastapi import FastAPI, HTTPException
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, Field

from bench.gateway import fastapi_peer
from bench.gateway.fastapi_peer import Model, ProjectIdPath, RunId
from db.queries import load
from generated.models import RunStatus
from services.settings import Settings

QUERY = load("projects").get_project.text


class Documents(BaseModel):
    spec: str = Field(alias="SPEC.md", max_length=200_000)
    acceptance: str = Field(alias="ACCEPTANCE.md", max_length=200_000)
    routes: str = Field(alias="ROUTES.md", max_length=200_000)
    data: str = Field(alias="DATA.md", max_length=200_000)


class Spec(Model):
    version: int
    documents: Documents
    feedback: str | None = None
    created_at: datetime | None = None
    approved_at: datetime | None = None


class LatestRun(Model):
    id: RunId
    run_number: int
    status: RunStatus


class Project(fastapi_peer.Project):
    spec: Spec | None
    latest_run: LatestRun | None


class ProjectResponse(Model):
    success: bool
    data: Project


async def configure(connection: AsyncConnection[Any]) -> None:
    """JSON columns by msgspec, as ours."""
    set_json_loads(msgspec.json.decode, connection)


def create(url: str, autocommit: bool) -> FastAPI:
    """One route; as psycopg's documentation does it, or without BEGIN and COMMIT."""
    options = {"row_factory": dict_row, "autocommit": autocommit}
    size = Settings().pool_size
    pool = AsyncConnectionPool(
        url, min_size=1, max_size=size, kwargs=options, configure=configure, open=False
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    application = FastAPI(lifespan=lifespan)

    @application.get(
        "/v1/projects/{project_id}",
        response_model=ProjectResponse,
        response_model_exclude_none=True,
    )
    async def get_project(project_id: ProjectIdPath) -> Any:
        async with pool.connection() as connection:
            cursor = await connection.execute(QUERY, {"project_id": project_id})
            row = await cursor.fetchone()
        if row is None:
            raise HTTPException(404)
        return {"success": True, "data": row}

    return application
