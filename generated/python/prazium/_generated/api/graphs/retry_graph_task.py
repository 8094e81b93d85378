from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.graph_task_response import GraphTaskResponse


def call(
    graph_id: str,
    task_id: str,
) -> Call[GraphTaskResponse]:
    """Retry a task of a graph.

    Do a task of a live graph again that has failed or was cancelled, and let run what was
    skipped for it alone. It begins when what it depends on lets it, and is skipped if that can
    never be. Of a map the items are done again that did not succeed.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs/{graph_id}/tasks/{task_id}/retry".format(
            graph_id=quote(str(graph_id), safe=""),
            task_id=quote(str(task_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphTaskResponse:
    response_200 = GraphTaskResponse.from_dict(body)

    return response_200
