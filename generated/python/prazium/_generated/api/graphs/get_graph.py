from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.graph_response import GraphResponse


def call(
    graph_id: str,
) -> Call[GraphResponse]:
    """Get a graph.

    The graph with the states of its tasks, but for the items of maps.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/graphs/{graph_id}".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphResponse:
    response_200 = GraphResponse.from_dict(body)

    return response_200
