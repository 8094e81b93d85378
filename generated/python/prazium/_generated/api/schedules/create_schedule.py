from typing import Any

from ...._calls import Call
from ...models.new_schedule import NewSchedule
from ...models.schedule_response import ScheduleResponse


def call(
    *,
    body: NewSchedule,
) -> Call[ScheduleResponse]:
    """Create a schedule.

    Create a job at the times of a cron expression, in a time zone, from now on.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/schedules",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleResponse:
    response_200 = ScheduleResponse.from_dict(body)

    return response_200
