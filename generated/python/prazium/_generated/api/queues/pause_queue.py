from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.queue_response import QueueResponse


def call(
    queue: str,
) -> Call[QueueResponse]:
    """Pause a queue.

    Begin nothing more from this queue. What runs goes on, and new jobs are taken in. A paused
    queue stays as it is.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/orchestrator/queues/{queue}/pause".format(
            queue=quote(str(queue), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> QueueResponse:
    response_200 = QueueResponse.from_dict(body)

    return response_200
