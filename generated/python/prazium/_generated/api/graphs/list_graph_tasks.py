from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.graph_task_list import GraphTaskList
from ...types import UNSET, Unset


def call(
    graph_id: str,
    *,
    items_of: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[GraphTaskList]:
    """List the tasks of a graph.

    The tasks in order, with their results. Items of a map are listed with `itemsOf`.
    """

    params: dict[str, Any] = {}

    params["itemsOf"] = items_of

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/graphs/{graph_id}/tasks".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphTaskList:
    response_200 = GraphTaskList.from_dict(body)

    return response_200
