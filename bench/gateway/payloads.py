"""The two requests without SQL, and the answers that every contestant gives."""

from datetime import UTC, datetime

import msgspec

from bench.wrk import Request
from generated.models import (
    AgentName,
    CreateProject,
    Pagination,
    Project,
    ProjectStatus,
    RunStatus,
    RunSummary,
    RunTrigger,
    TasksSummary,
)

PROJECT_ID = "proj_01kb0r5v8wf5qtx1c9ht2kq6mz"
BEGAN = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
RUNS = [
    RunSummary(
        id=f"run_01kb0r6sc2e6ha4z8m3x7jv9w{number}",
        run_number=number,
        status=RunStatus.succeeded,
        trigger=RunTrigger.manual,
        agent=AgentName.scaffold,
        tasks_summary=TasksSummary(total=6, succeeded=6, failed=0),
        created_at=BEGAN,
        started_at=BEGAN,
        completed_at=BEGAN,
    )
    for number in range(1, 10)
]
PAGINATION = Pagination(page=1, page_size=20, total=len(RUNS), total_pages=1)
NEW = CreateProject(
    name="A clinic with pets, owners and visits",
    description="A project management tool with boards, teams and time tracking. " * 30,
)


def draft(name: str, description: str) -> Project:
    """The project that the POST is answered with: always the same, but for the two texts."""
    return Project(
        id=PROJECT_ID,
        name=name,
        description=description,
        status=ProjectStatus.draft,
        repo_path=f"repos/{PROJECT_ID}.git",
        created_at=BEGAN,
        updated_at=BEGAN,
    )


def page() -> dict[str, object]:
    """What the GET is answered with."""
    return {"success": True, "data": RUNS, "pagination": PAGINATION}


def requests(key: str) -> dict[str, Request]:
    """The GET with a path id and three query parameters, and the POST with 2 kB."""
    bearer = {"Authorization": f"Bearer {key}"}
    runs = f"/v1/projects/{PROJECT_ID}/runs?page=1&pageSize=20&status=succeeded"
    project = {"success": True, "data": draft(NEW.name, NEW.description)}
    return {
        "GET": Request("GET", runs, 200, msgspec.json.encode(page()), headers=bearer),
        "POST": Request(
            "POST",
            "/v1/projects",
            201,
            msgspec.json.encode(project),
            msgspec.json.encode(NEW),
            bearer | {"Content-Type": "application/json"},
        ),
    }
