from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...types import UNSET, Unset


def call(
    job_id: str,
    *,
    last_event_id: str | Unset = UNSET,
) -> Call[None]:
    """Stream a job's events.

    The events of a job as they happen, from the first or from the one after `Last-Event-ID`,
    without gap or duplicate. A comment comes every 15 seconds; the stream ends with the job.
    When the job has ended and nothing is left to send, the answer is 204.
    """
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/jobs/{job_id}/events/stream".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
