from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...types import UNSET, Unset


def call(
    project_id: str,
    run_id: str,
    *,
    last_event_id: str | Unset = UNSET,
) -> Call[None]:
    """Stream events.

    The events of a run as they happen, from the first or from the one after `Last-Event-ID`,
    without gap or duplicate. A comment comes every 15 seconds; the stream ends with the run.
    When the run has ended and nothing is left to send, the answer is 204, which tells a browser
    to stop reconnecting.
    """
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/runs/{run_id}/events/stream".format(
            project_id=quote(str(project_id), safe=""),
            run_id=quote(str(run_id), safe=""),
        ),
    }
    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
