from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.queue_response import QueueResponse
from ...models.update_queue import UpdateQueue
from ...types import UNSET, Unset


def call(
    queue: str,
    *,
    body: UpdateQueue,
    if_match: str | Unset = UNSET,
) -> Call[QueueResponse]:
    """Update a queue.

    Set or lift (null) the limits of a queue; a queue without a job is made by this. A lower
    limit ends nothing: it holds for what begins from now on. Both limits are exact, over all
    workers. A job counts as running from its claim until its worker reports or has lost it;
    each claim counts as a beginning, in any period of the given length. Its ETag is that of all
    it says, counts included, so that a busy queue seldom has the one of a moment ago. A tenant
    has at most 1,000 queues; another is answered with 409, here and wherever a job, a graph or
    a schedule would make it.
    """
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/orchestrator/queues/{queue}".format(
            queue=quote(str(queue), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> QueueResponse:
    response_200 = QueueResponse.from_dict(body)

    return response_200
