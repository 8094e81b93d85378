from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.new_run_response import NewRunResponse


def call(
    project_id: str,
    run_id: str,
) -> Call[NewRunResponse]:
    """Retry a run.

    Start a new run with the same spec and agent. The run itself must have ended, and no other
    be live.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/runs/{run_id}/retry".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> NewRunResponse:
    response_200 = NewRunResponse.from_dict(body)

    return response_200
