from typing import Any

from ...._calls import Call
from ...models.create_project import CreateProject
from ...models.project_response import ProjectResponse


def call(
    *,
    body: CreateProject,
) -> Call[ProjectResponse]:
    """Create a project.

    Open a draft from a name and a description of what is to be built.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ProjectResponse:
    response_200 = ProjectResponse.from_dict(body)

    return response_200
