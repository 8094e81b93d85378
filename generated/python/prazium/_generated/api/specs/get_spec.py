from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.spec_response import SpecResponse


def call(
    project_id: str,
    version: int,
) -> Call[SpecResponse]:
    """Get a spec version.

    One version with its documents.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/specs/{version}".format(
            project_id=quote(str(project_id), safe=""),
            version=quote(str(version), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> SpecResponse:
    response_200 = SpecResponse.from_dict(body)

    return response_200
