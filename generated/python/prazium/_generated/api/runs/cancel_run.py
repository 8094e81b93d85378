from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.run_state_response import RunStateResponse


def call(
    project_id: str,
    run_id: str,
) -> Call[RunStateResponse]:
    """Cancel a run.

    Stop the run and the work of its tasks. A run that has ended is answered with 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/runs/{run_id}/cancel".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> RunStateResponse:
    response_200 = RunStateResponse.from_dict(body)

    return response_200
