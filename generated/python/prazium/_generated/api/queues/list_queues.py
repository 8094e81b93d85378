from typing import Any

from ...._calls import Call
from ...models.queue_list import QueueList
from ...types import UNSET, Unset


def call(
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
) -> Call[QueueList]:
    """List queues.

    The queues by name, with what waits and runs in them. A queue is there from its first job or
    setting on.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/queues",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> QueueList:
    response_200 = QueueList.from_dict(body)

    return response_200
