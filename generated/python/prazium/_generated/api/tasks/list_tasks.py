from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.task_list import TaskList


def call(
    project_id: str,
    run_id: str,
) -> Call[TaskList]:
    """List tasks.

    The tasks of a run by sequence; planning, merging and verifying are tasks too.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs/{run_id}/tasks".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> TaskList:
    response_200 = TaskList.from_dict(body)

    return response_200
