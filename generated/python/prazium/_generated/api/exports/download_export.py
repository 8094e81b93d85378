from typing import Any
from urllib.parse import quote

from ...._calls import Call


def call(
    project_id: str,
    export_id: str,
) -> Call[None]:
    """Download an export.

    The archive. Before it is packed 409, after it has expired 410.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/exports/{export_id}/download".format(
            project_id=quote(str(project_id), safe=""),
            export_id=quote(str(export_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
