from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.schedule_response import ScheduleResponse


def call(
    schedule_id: str,
) -> Call[ScheduleResponse]:
    """Delete a schedule.

    It creates no more jobs; those that it created stay.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/orchestrator/schedules/{schedule_id}".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> ScheduleResponse:
    response_200 = ScheduleResponse.from_dict(body)

    return response_200
