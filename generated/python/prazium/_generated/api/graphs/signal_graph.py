from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.signal_graph import SignalGraph
from ...models.signalled_graph_response import SignalledGraphResponse


def call(
    graph_id: str,
    *,
    body: SignalGraph,
) -> Call[SignalledGraphResponse]:
    """Signal a graph.

    Send a signal. It ends the first wait for a signal of this name, or is kept for the next
    one: each signal ends one wait. A graph that has ended is 409, as is one that keeps 1,000
    signals.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/graphs/{graph_id}/signals".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> SignalledGraphResponse:
    response_200 = SignalledGraphResponse.from_dict(body)

    return response_200
