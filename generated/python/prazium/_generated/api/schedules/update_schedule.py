from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.schedule_response import ScheduleResponse
from ...models.update_schedule import UpdateSchedule
from ...types import UNSET, Unset


def call(
    schedule_id: str,
    *,
    body: UpdateSchedule,
    if_match: str | Unset = UNSET,
) -> Call[ScheduleResponse]:
    """Update a schedule.

    Change what is given; jobs that it created stay as they are. Times that have passed are not
    made up for.
    """
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/orchestrator/schedules/{schedule_id}".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleResponse:
    response_200 = ScheduleResponse.from_dict(body)

    return response_200
