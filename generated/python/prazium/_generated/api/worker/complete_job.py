from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.complete_job import CompleteJob
from ...models.job_state_response import JobStateResponse


def call(
    job_id: str,
    *,
    body: CompleteJob,
) -> Call[JobStateResponse]:
    """Complete a job.

    Record the result of a job: it has succeeded. A lease that is lost, was let go or is of a
    job that has ended is answered with 409 `LEASE_LOST`, and nothing is recorded.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/jobs/{job_id}/complete".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> JobStateResponse:
    response_200 = JobStateResponse.from_dict(body)

    return response_200
