from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.project_response import ProjectResponse
from ...models.update_project import UpdateProject
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    body: UpdateProject,
    if_match: str | Unset = UNSET,
) -> Call[ProjectResponse]:
    """Update a project.

    Change the name or the description. A new description takes open questions back (the project
    is a draft again); a spec that exists stays as it is until it is regenerated.
    """
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/projects/{project_id}".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ProjectResponse:
    response_200 = ProjectResponse.from_dict(body)

    return response_200
