from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.schedule_response import ScheduleResponse


def call(
    schedule_id: str,
) -> Call[ScheduleResponse]:
    """Resume a schedule.

    It creates jobs again; `catchUp` says what becomes of the times that have passed. One that
    is not paused stays as it is.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/schedules/{schedule_id}/resume".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleResponse:
    response_200 = ScheduleResponse.from_dict(body)

    return response_200
