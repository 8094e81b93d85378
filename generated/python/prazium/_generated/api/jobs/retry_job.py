from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_state_response import JobStateResponse


def call(
    job_id: str,
) -> Call[JobStateResponse]:
    """Retry a job.

    Queue the same job again with fresh attempts and its whole budget. Its earlier result, error
    and progress are gone from the job and stay in its events; its costs are counted anew. A job
    that has not ended is answered with 409, as is one whose `dedupeKey` another job has by now
    or whose `deadline` has passed. A job of a graph is too: its graph has gone on, so
    `retry_graph_task` or `rerun_graph` does it again.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/jobs/{job_id}/retry".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobStateResponse:
    response_200 = JobStateResponse.from_dict(body)

    return response_200
