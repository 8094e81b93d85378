from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.project_response import ProjectResponse


def call(
    project_id: str,
) -> Call[ProjectResponse]:
    """Get a project.

    The project with its newest spec, if there is one; `projects:read` includes it.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ProjectResponse:
    response_200 = ProjectResponse.from_dict(body)

    return response_200
