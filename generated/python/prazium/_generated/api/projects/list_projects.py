from typing import Any

from ...._calls import Call
from ...models.project_list import ProjectList
from ...models.project_status import ProjectStatus
from ...types import UNSET, Unset


def call(
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    status: ProjectStatus | Unset = UNSET,
    search: str | Unset = UNSET,
) -> Call[ProjectList]:
    """List projects.

    The tenant's projects, newest first, each with its latest run. Archived ones are not listed.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["search"] = search

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ProjectList:
    response_200 = ProjectList.from_dict(body)

    return response_200
