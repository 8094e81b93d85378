from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.event_list import EventList
from ...models.event_type import EventType
from ...types import UNSET, Unset


def call(
    graph_id: str,
    *,
    after_seq: int | Unset = UNSET,
    type_: EventType | Unset = UNSET,
    limit: int | Unset = 100,
) -> Call[EventList]:
    """List the events of a graph.

    What happened, in order. Page with `afterSeq`.
    """

    params: dict[str, Any] = {}

    params["afterSeq"] = after_seq

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/graphs/{graph_id}/events".format(
            graph_id=quote(str(graph_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> EventList:
    response_200 = EventList.from_dict(body)

    return response_200
