from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.project_state_response import ProjectStateResponse


def call(
    project_id: str,
) -> Call[ProjectStateResponse]:
    """Archive a project.

    The project and all below it are answered with 404 from then on. Not possible while a run is
    live.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/projects/{project_id}".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ProjectStateResponse:
    response_200 = ProjectStateResponse.from_dict(body)

    return response_200
