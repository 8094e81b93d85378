from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.export_response import ExportResponse


def call(
    project_id: str,
    export_id: str,
) -> Call[ExportResponse]:
    """Get an export.

    How far the export is, and where to download it.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/exports/{export_id}".format(
            project_id=quote(str(project_id), safe=""),
            export_id=quote(str(export_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ExportResponse:
    response_200 = ExportResponse.from_dict(body)

    return response_200
