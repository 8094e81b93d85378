from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.tenant_event_list import TenantEventList
from ...types import UNSET, Unset


def call(
    queue: str,
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[TenantEventList]:
    """List a queue's events.

    What was done to a queue, newest first: its limits changed, paused, resumed, deleted. What
    happened to its jobs is in theirs. A queue that is gone keeps its events.
    """

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/queues/{queue}/events".format(
            queue=quote(str(queue), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> TenantEventList:
    response_200 = TenantEventList.from_dict(body)

    return response_200
