from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.file_response import FileResponse
from ...types import UNSET, Unset


def call(
    project_id: str,
    path: str,
    *,
    ref: str | Unset = "main",
) -> Call[FileResponse]:
    """Get a file.

    The content of a file of at most 1 MiB: text as utf-8, everything else as base64. A symbolic
    link is never followed; its content is where it points to.
    """

    params: dict[str, Any] = {}

    params["ref"] = ref

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/files/{path}".format(
            project_id=quote(str(project_id), safe=""),
            path=quote(str(path), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> FileResponse:
    response_200 = FileResponse.from_dict(body)

    return response_200
