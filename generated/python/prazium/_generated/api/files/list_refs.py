from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.ref_list_response import RefListResponse


def call(
    project_id: str,
) -> Call[RefListResponse]:
    """List branches and tags.

    The branches and tags that can be given as `ref`; `main` first. Empty before the first run.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/refs".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> RefListResponse:
    response_200 = RefListResponse.from_dict(body)

    return response_200
