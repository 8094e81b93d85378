from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.queue_response import QueueResponse


def call(
    queue: str,
) -> Call[QueueResponse]:
    """Get a queue.

    The queue with what waits and runs in it.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/orchestrator/queues/{queue}".format(
            queue=quote(str(queue), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> QueueResponse:
    response_200 = QueueResponse.from_dict(body)

    return response_200
