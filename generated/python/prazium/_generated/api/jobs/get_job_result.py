from typing import Any
from urllib.parse import quote

from ...._calls import Call


def call(
    job_id: str,
) -> Call[None]:
    """Get a job's result.

    The whole result as the worker gave it, of any size and without the envelope. Before the job
    has succeeded 409.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/jobs/{job_id}/result".format(
            job_id=quote(str(job_id), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
