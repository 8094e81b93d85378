from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.schedule_response import ScheduleResponse


def call(
    schedule_id: str,
) -> Call[ScheduleResponse]:
    """Get a schedule.

    The schedule with its next five runs.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/schedules/{schedule_id}".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleResponse:
    response_200 = ScheduleResponse.from_dict(body)

    return response_200
