from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.tenant_event_list import TenantEventList
from ...types import UNSET, Unset


def call(
    schedule_id: str,
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[TenantEventList]:
    """List a schedule's events.

    What became of a schedule, newest first: created, changed, paused, resumed, deleted, and
    each time for which there is no job, with the reason. Its jobs are listed by `list_jobs`
    with its id. A schedule that is gone keeps its events.
    """

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/schedules/{schedule_id}/events".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> TenantEventList:
    response_200 = TenantEventList.from_dict(body)

    return response_200
