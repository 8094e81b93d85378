from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.run_response import RunResponse


def call(
    project_id: str,
    run_id: str,
) -> Call[RunResponse]:
    """Get a run.

    The run with its spec, plan, tasks and the evidence of its verification.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs/{run_id}".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> RunResponse:
    response_200 = RunResponse.from_dict(body)

    return response_200
