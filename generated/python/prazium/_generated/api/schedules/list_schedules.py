from typing import Any

from ...._calls import Call
from ...models.schedule_list import ScheduleList
from ...types import UNSET, Unset


def call(
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
) -> Call[ScheduleList]:
    """List schedules.

    The schedules by name.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/schedules",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleList:
    response_200 = ScheduleList.from_dict(body)

    return response_200
