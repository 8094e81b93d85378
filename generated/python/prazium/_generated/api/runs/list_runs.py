from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.run_list import RunList
from ...models.run_status import RunStatus
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    status: RunStatus | Unset = UNSET,
) -> Call[RunList]:
    """List runs.

    The project's runs, newest first.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> RunList:
    response_200 = RunList.from_dict(body)

    return response_200
