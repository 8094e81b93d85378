from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.answer_graph_task import AnswerGraphTask
from ...models.graph_task_response import GraphTaskResponse


def call(
    graph_id: str,
    task_id: str,
    *,
    body: AnswerGraphTask,
) -> Call[GraphTaskResponse]:
    """Answer a task of a graph.

    Answer a task that waits for it; the answer is its result. Who may answer is said by the
    task: anyone else gets 403. Another answer, or one after its time, is 409.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs/{graph_id}/tasks/{task_id}/answer".format(
            graph_id=quote(str(graph_id), safe=""),
            task_id=quote(str(task_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphTaskResponse:
    response_200 = GraphTaskResponse.from_dict(body)

    return response_200
