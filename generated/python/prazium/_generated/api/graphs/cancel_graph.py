from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.graph_state_response import GraphStateResponse


def call(
    graph_id: str,
) -> Call[GraphStateResponse]:
    """Cancel a graph.

    End the graph with all that is in it; what has ended stays. A graph that has ended is 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs/{graph_id}/cancel".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphStateResponse:
    response_200 = GraphStateResponse.from_dict(body)

    return response_200
