from typing import Any

from ...._calls import Call
from ...models.claim_jobs import ClaimJobs
from ...models.claimed_jobs_response import ClaimedJobsResponse


def call(
    *,
    body: ClaimJobs,
) -> Call[ClaimedJobsResponse]:
    """Claim jobs.

    Take up to `limit` jobs of these kinds from these queues; each is yours until its lease
    ends. If there is none, the answer comes as soon as there is one, or empty after
    `waitSeconds`, or at once if the process ends. The attempt counts from here. A key that is
    restricted to queues can name only those; a built-in kind is done by our own workers and
    cannot be claimed.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/claim",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ClaimedJobsResponse:
    response_200 = ClaimedJobsResponse.from_dict(body)

    return response_200
