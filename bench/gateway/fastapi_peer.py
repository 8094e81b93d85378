"""FastAPI with Pydantic models that are equivalent to the contract's.

Its functions return ready models (encoded, not checked again), plain data (checked and encoded), or
bytes by msgspec (neither).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import FastAPI, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from bench.gateway.payloads import BEGAN, PAGINATION, PROJECT_ID, RUNS, draft, page
from generated.models import AgentName, ProjectStatus, RunStatus, RunTrigger

JSON = "application/json"
DRAFT: dict[str, Any] = {
    "id": PROJECT_ID,
    "status": ProjectStatus.draft,
    "repo_path": f"repos/{PROJECT_ID}.git",
    "created_at": BEGAN,
    "updated_at": BEGAN,
}
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


class RunsQuery(Model):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20
    status: RunStatus | None = None


ProjectIdPath = Annotated[ProjectId, Path()]
Runs = Annotated[RunsQuery, Query()]
READY = RunList.model_validate({"success": True, "data": RUNS, "pagination": PAGINATION})
ROWS = READY.model_dump()


async def list_runs(project_id: ProjectIdPath, query: Runs) -> RunList:
    """The page, as models."""
    return READY


async def list_rows(project_id: ProjectIdPath, query: Runs) -> Any:
    """The page, as plain data that FastAPI holds against the model."""
    return ROWS


async def list_encoded(project_id: ProjectIdPath, query: Runs) -> Response:
    """The page, encoded by msgspec."""
    return Response(msgspec.json.encode(page()), media_type=JSON)


async def create_project(body: CreateProject) -> ProjectResponse:
    """The body in the envelope, as models."""
    project = Project.model_construct(**fields(body))
    return ProjectResponse.model_construct(success=True, data=project)


async def create_row(body: CreateProject) -> Any:
    """The body in the envelope, as plain data that FastAPI holds against the model."""
    return {"success": True, "data": fields(body)}


async def create_encoded(body: CreateProject) -> Response:
    """The body in the envelope, encoded by msgspec."""
    project = {"success": True, "data": draft(body.name, body.description)}
    return Response(msgspec.json.encode(project), 201, media_type=JSON)


def fields(body: CreateProject) -> dict[str, Any]:
    """The project that is answered."""
    return DRAFT | {"name": body.name, "description": body.description}


ANSWERS: dict[str, Any] = {
    "models": (list_runs, create_project, RunList, ProjectResponse),
    "plain data": (list_rows, create_row, RunList, ProjectResponse),
    "bytes": (list_encoded, create_encoded, None, None),
}


def create(answers: str) -> FastAPI:
    """Two routes; `answers` says what the functions return."""
    application = FastAPI()
    get, post, runs, project = ANSWERS[answers]
    application.get("/v1/projects/{project_id}/runs", response_model=runs)(get)
    application.post("/v1/projects", status_code=201, response_model=project)(post)
    return application
