from typing import Any

from ...._calls import Call
from ...models.created_jobs_response import CreatedJobsResponse
from ...models.new_jobs import NewJobs


def call(
    *,
    body: NewJobs,
) -> Call[CreatedJobsResponse]:
    """Create many jobs.

    Up to 1,000 jobs in one transaction. A job that cannot be created (an unknown kind, an input
    that does not match) is told by its place and keeps no other from being created; a body that
    does not match this contract creates none, nor does one with more than 100,000 members or
    200,000 values in all, or a tenth of that in one job.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/jobs/bulk",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> CreatedJobsResponse:
    response_200 = CreatedJobsResponse.from_dict(body)

    return response_200
