from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.new_run_response import NewRunResponse
from ...models.start_run import StartRun
from ...types import UNSET, Unset


def call(
    project_id: str,
    *,
    body: StartRun | Unset = UNSET,
) -> Call[NewRunResponse]:
    """Start a build.

    Build the approved spec. A project has one live run at a time; it can be started again when
    the last one has ended.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/runs".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> NewRunResponse:
    response_200 = NewRunResponse.from_dict(body)

    return response_200
