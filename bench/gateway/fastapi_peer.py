"""FastAPI with Pydantic models that are equivalent to the contract's.

`raw` leaves out the models of the answers: FastAPI then neither checks nor encodes them.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import FastAPI, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from bench.gateway.payloads import PAGINATION, RUNS, draft, page
from generated.models import AgentName, ProjectStatus, RunStatus, RunTrigger

ID = "[0-7][0-9a-hjkmnp-tv-z]{25}$"
ProjectId = Annotated[str, StringConstraints(pattern=f"^proj_{ID}")]
RunId = Annotated[str, StringConstraints(pattern=f"^run_{ID}")]
Count = Annotated[int, Field(ge=0, le=100_000)]
Total = Annotated[int, Field(ge=0, le=2**53 - 1)]
NAME = "^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NAME)]
TEXT = "^[^\x00]*[^\x00-\x20][^\x00]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=TEXT)]


class Model(BaseModel):
    """camelCase on the wire, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", from_attributes=True
    )


class TasksSummary(Model):
    total: Count
    succeeded: Count
    failed: Count


class RunSummary(Model):
    id: RunId
    run_number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    status: RunStatus
    trigger: RunTrigger
    agent: AgentName
    tasks_summary: TasksSummary
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class Pagination(Model):
    page: Annotated[int, Field(ge=1, le=100_000)]
    page_size: Annotated[int, Field(ge=1, le=100)]
    total: Total
    total_pages: Total


class RunList(Model):
    success: Literal[True]
    data: Annotated[list[RunSummary], Field(max_length=100)]
    pagination: Pagination


class CreateProject(Model):
    name: Name
    description: Text


class Project(Model):
    id: ProjectId
    name: Name
    description: Text
    status: ProjectStatus
    repo_path: Annotated[str, Field(max_length=200)]
    created_at: datetime
    updated_at: datetime


class ProjectResponse(Model):
    success: Literal[True]
    data: Project


ProjectIdPath = Annotated[ProjectId, Path()]
Page = Annotated[int, Query(ge=1, le=100_000)]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=100)]
LIST = RunList.model_validate(
    {"success": True, "data": RUNS, "pagination": PAGINATION}, from_attributes=True
)


async def list_runs(
    project_id: ProjectIdPath,
    page: Page = 1,
    page_size: PageSize = 20,
    status: RunStatus | None = None,
) -> RunList:
    """The page, as models."""
    return LIST


async def create_project(body: CreateProject) -> ProjectResponse:
    """The body in the envelope, as models."""
    project = Project.model_validate(draft(body.name, body.description))
    return ProjectResponse(success=True, data=project)


async def list_runs_raw(
    project_id: ProjectIdPath,
    page_: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    page_size: PageSize = 20,
    status: RunStatus | None = None,
) -> Response:
    """The page, encoded by msgspec."""
    return Response(msgspec.json.encode(page()), media_type="application/json")


async def create_project_raw(body: CreateProject) -> Response:
    """The body in the envelope, encoded by msgspec."""
    project = {"success": True, "data": draft(body.name, body.description)}
    return Response(msgspec.json.encode(project), 201, media_type="application/json")


def create(raw: bool = False) -> FastAPI:
    """Two routes."""
    application = FastAPI()
    get, post = (list_runs_raw, create_project_raw) if raw else (list_runs, create_project)
    application.get("/v1/projects/{project_id}/runs")(get)
    application.post("/v1/projects", status_code=201)(post)
    return application
