from typing import Any

from ...._calls import Call
from ...models.change_jobs import ChangeJobs
from ...models.changed_jobs_response import ChangedJobsResponse


def call(
    *,
    body: ChangeJobs,
) -> Call[ChangedJobsResponse]:
    """Retry many jobs.

    Queue the ended jobs that fit the filter again, with fresh attempts, oldest first; those
    that failed if the filter names no state. Those that `retry_job` would refuse are passed
    over. Again as long as there are more. If it would make one queue too many, nothing is done
    (409).
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/jobs/retry",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ChangedJobsResponse:
    response_200 = ChangedJobsResponse.from_dict(body)

    return response_200
