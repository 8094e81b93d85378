from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_state_response import JobStateResponse
from ...models.release_job import ReleaseJob


def call(
    job_id: str,
    *,
    body: ReleaseJob,
) -> Call[JobStateResponse]:
    """Release a job.

    Hand the job back without having done it. The attempt does not count. With `interrupted`, a
    job whose `replay` is not safe is not done again: it fails when it is claimed next.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/jobs/{job_id}/release".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> JobStateResponse:
    response_200 = JobStateResponse.from_dict(body)

    return response_200
