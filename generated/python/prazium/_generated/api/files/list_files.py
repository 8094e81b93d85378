from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.file_list_response import FileListResponse
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    ref: str | Unset = "main",
    path: str | Unset = "/",
) -> Call[FileListResponse]:
    """List files.

    The entries of a folder, folders first. Before the first run `main` is empty.
    """

    params: dict[str, Any] = {}

    params["ref"] = ref

    params["path"] = path

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/files".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> FileListResponse:
    response_200 = FileListResponse.from_dict(body)

    return response_200
