from typing import Any

from ...._calls import Call
from ...models.event_type import EventType
from ...types import UNSET, Unset


def call(
    *,
    type_: EventType | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
) -> Call[None]:
    """Stream all events.

    Everything that happens in the tenant, from now on or from the event with the cursor `Last-
    Event-ID` on, in the order of the list, without gap or duplicate. It begins with a frame
    that has an `id` alone: who is cut off before the first event comes back with that; so does
    one of a `type` that is rare, now and then. A comment comes every 15 seconds; the stream
    goes on until it is left.
    """
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    params: dict[str, Any] = {}

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/events/stream",
        "params": params,
    }
    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
