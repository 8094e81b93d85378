from typing import Any

from ...._calls import Call
from ...models.graph_list import GraphList
from ...models.graph_status import GraphStatus
from ...types import UNSET, Unset


def call(
    *,
    status: GraphStatus | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[GraphList]:
    """List graphs.

    Graphs, newest first. Page with `cursor`.
    """

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/graphs",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> GraphList:
    response_200 = GraphList.from_dict(body)

    return response_200
