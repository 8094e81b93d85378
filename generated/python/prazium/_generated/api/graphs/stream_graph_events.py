from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...types import UNSET, Unset


def call(
    graph_id: str,
    *,
    last_event_id: str | Unset = UNSET,
) -> Call[None]:
    """Stream the events of a graph.

    The events as they happen, from the first or from the one after `Last-Event-ID`, without gap
    or duplicate, until the graph has ended. When nothing is left to send, the answer is 204.
    """
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/graphs/{graph_id}/events/stream".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
    }
    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
