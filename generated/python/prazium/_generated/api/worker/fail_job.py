from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.fail_job import FailJob
from ...models.job_state_response import JobStateResponse


def call(
    job_id: str,
    *,
    body: FailJob,
) -> Call[JobStateResponse]:
    """Fail a job.

    Record that the attempt failed. If it may be tried again and attempts are left, the job is
    queued for its next attempt; otherwise it has failed.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/jobs/{job_id}/fail".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> JobStateResponse:
    response_200 = JobStateResponse.from_dict(body)

    return response_200
