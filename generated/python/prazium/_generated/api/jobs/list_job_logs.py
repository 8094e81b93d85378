from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.job_log import JobLog
from ...models.log_level import LogLevel
from ...types import UNSET, Unset


def call(
    job_id: str,
    *,
    after_seq: int | Unset = UNSET,
    level: LogLevel | Unset = UNSET,
    limit: int | Unset = 100,
) -> Call[JobLog]:
    """List a job's log.

    The lines that the worker wrote, in order. Page with `afterSeq`.
    """

    params: dict[str, Any] = {}

    params["afterSeq"] = after_seq

    json_level: str | Unset = UNSET
    if not isinstance(level, Unset):
        json_level = level

    params["level"] = json_level

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/jobs/{job_id}/logs".format(
            job_id=quote(str(job_id), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> JobLog:
    response_200 = JobLog.from_dict(body)

    return response_200
