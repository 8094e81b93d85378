from typing import Any

from ...._calls import Call
from ...models.complete_jobs import CompleteJobs
from ...models.completed_jobs_response import CompletedJobsResponse


def call(
    *,
    body: CompleteJobs,
) -> Call[CompletedJobsResponse]:
    """Complete jobs.

    Record the results of many jobs in one transaction. A job whose lease is lost is told by its
    state and keeps no other from being recorded. The body has at most 100,000 members and
    200,000 values in all, one result a tenth of that.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/complete",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> CompletedJobsResponse:
    response_200 = CompletedJobsResponse.from_dict(body)

    return response_200
