from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.append_job_logs import AppendJobLogs
from ...models.appended_job_logs_response import AppendedJobLogsResponse


def call(
    job_id: str,
    *,
    body: AppendJobLogs,
) -> Call[AppendedJobLogsResponse]:
    """Append to a job's log.

    Write lines into the log of the job, in order. An attempt can write 10,000 lines; the next
    one says that the rest is left out.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/jobs/{job_id}/logs".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> AppendedJobLogsResponse:
    response_200 = AppendedJobLogsResponse.from_dict(body)

    return response_200
