from typing import Any

from ...._calls import Call
from ...models.created_job_response import CreatedJobResponse
from ...models.new_job import NewJob


def call(
    *,
    body: NewJob,
) -> Call[CreatedJobResponse]:
    """Create a job.

    Have something done once: by a built-in kind (`http`, `agent`, `command`) or by a worker of
    yours that registered the kind. The input must match the schema of the kind. While a job
    with the same `dedupeKey` has not ended, the answer is that job, with 200.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/jobs",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> CreatedJobResponse:
    response_200 = CreatedJobResponse.from_dict(body)

    return response_200
