import datetime
from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.event_list import EventList
from ...models.event_type import EventType
from ...types import UNSET, Unset


def call(
    project_id: str,
    run_id: str,
    *,
    after: datetime.datetime | Unset = UNSET,
    after_seq: int | Unset = UNSET,
    type_: EventType | Unset = UNSET,
    task_id: str | Unset = UNSET,
    limit: int | Unset = 100,
) -> Call[EventList]:
    """List events.

    The events of a run in the order in which they happened. Page with `afterSeq`.
    """

    params: dict[str, Any] = {}

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = after.isoformat()
    params["after"] = json_after

    params["afterSeq"] = after_seq

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params["taskId"] = task_id

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs/{run_id}/events".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> EventList:
    response_200 = EventList.from_dict(body)

    return response_200
