from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.created_job_response import CreatedJobResponse


def call(
    schedule_id: str,
) -> Call[CreatedJobResponse]:
    """Trigger a schedule.

    Create its job now, also while it is paused or its last job runs. Its times stay as they
    are. If its kind is gone or does not take the input any more, 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/schedules/{schedule_id}/trigger".format(
            schedule_id=quote(str(schedule_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> CreatedJobResponse:
    response_200 = CreatedJobResponse.from_dict(body)

    return response_200
