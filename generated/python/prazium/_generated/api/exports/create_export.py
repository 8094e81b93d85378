from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.create_export import CreateExport
from ...models.export_response import ExportResponse


def call(
    project_id: str,
    *,
    body: CreateExport,
) -> Call[ExportResponse]:
    """Create an export.

    Pack what a run built. The run must belong to the project and have succeeded.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/export".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ExportResponse:
    response_200 = ExportResponse.from_dict(body)

    return response_200
