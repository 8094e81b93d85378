from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.task_response import TaskResponse


def call(
    project_id: str,
    run_id: str,
    task_id: str,
) -> Call[TaskResponse]:
    """Get a task.

    One task with its definition and result.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs/{run_id}/tasks/{task_id}".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
            task_id=quote(str(task_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> TaskResponse:
    response_200 = TaskResponse.from_dict(body)

    return response_200
