from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.spec_list import SpecList
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
) -> Call[SpecList]:
    """List spec versions.

    All versions of the spec, newest first, without their documents.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/specs".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> SpecList:
    response_200 = SpecList.from_dict(body)

    return response_200
