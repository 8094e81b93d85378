from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.export_list import ExportList
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
) -> Call[ExportList]:
    """List exports.

    The project's exports, newest first.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/exports".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ExportList:
    response_200 = ExportList.from_dict(body)

    return response_200
