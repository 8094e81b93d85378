from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_state_response import JobStateResponse


def call(
    job_id: str,
) -> Call[JobStateResponse]:
    """Cancel a job.

    End the job. A worker that is at it loses its lease at once, learns so with its next
    heartbeat, and can record nothing more. A job that has ended is answered with 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/jobs/{job_id}/cancel".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobStateResponse:
    response_200 = JobStateResponse.from_dict(body)

    return response_200
