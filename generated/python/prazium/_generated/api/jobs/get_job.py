from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_response import JobResponse


def call(
    job_id: str,
) -> Call[JobResponse]:
    """Get a job.

    The job as it is now. Asking changes nothing.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/jobs/{job_id}".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobResponse:
    response_200 = JobResponse.from_dict(body)

    return response_200
