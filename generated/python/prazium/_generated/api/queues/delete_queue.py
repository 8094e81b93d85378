from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.queue_response import QueueResponse


def call(
    queue: str,
) -> Call[QueueResponse]:
    """Delete a queue.

    The queue, its limits and its pause are gone, and make room for another. A queue is refused
    while a job in it waits or runs, or a schedule or an open task of a live graph would send
    one to it. Jobs that have ended stay, those that failed in `list_jobs`; one that is retried
    makes the queue again, without limits.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/orchestrator/queues/{queue}".format(
            queue=quote(str(queue), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> QueueResponse:
    response_200 = QueueResponse.from_dict(body)

    return response_200
