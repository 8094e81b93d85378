from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_list import JobList
from ...types import UNSET, Unset


def call(
    queue: str,
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[JobList]:
    """List failed jobs.

    The dead letters of a queue: jobs without a further attempt, the last failed first. To queue
    them again, `retry_jobs` with this queue as the filter. Jobs of graphs are not among them:
    their failures are those of their tasks.
    """

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/queues/{queue}/failed".format(
            queue=quote(str(queue), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobList:
    response_200 = JobList.from_dict(body)

    return response_200
