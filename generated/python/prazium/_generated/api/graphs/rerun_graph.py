from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.graph_state_response import GraphStateResponse
from ...models.rerun_graph import RerunGraph
from ...types import UNSET, Unset


def call(
    graph_id: str,
    *,
    body: RerunGraph | Unset = UNSET,
) -> Call[GraphStateResponse]:
    """Rerun a graph.

    A new graph like this one, which has ended: `fromTask`, all that depends on it, and whatever
    did not succeed are done again; the results of the rest are kept.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs/{graph_id}/rerun".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphStateResponse:
    response_200 = GraphStateResponse.from_dict(body)

    return response_200
