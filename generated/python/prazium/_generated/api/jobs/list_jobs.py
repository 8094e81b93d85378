import datetime
from typing import Any

from ...._calls import Call
from ...models.job_list import JobList
from ...models.job_status import JobStatus
from ...types import UNSET, Unset


def call(
    *,
    status: JobStatus | Unset = UNSET,
    queue: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    tag: str | Unset = UNSET,
    schedule_id: str | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[JobList]:
    """List jobs.

    Jobs, newest first. Page with `cursor`; there is no total, as counting millions of jobs
    would take longer than showing them.
    """

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["queue"] = queue

    params["kind"] = kind

    params["tag"] = tag

    params["scheduleId"] = schedule_id

    json_created_after: str | Unset = UNSET
    if not isinstance(created_after, Unset):
        json_created_after = created_after.isoformat()
    params["createdAfter"] = json_created_after

    json_created_before: str | Unset = UNSET
    if not isinstance(created_before, Unset):
        json_created_before = created_before.isoformat()
    params["createdBefore"] = json_created_before

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/jobs",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobList:
    response_200 = JobList.from_dict(body)

    return response_200
