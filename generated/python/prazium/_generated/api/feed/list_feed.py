from typing import Any

from ...._calls import Call
from ...models.event_type import EventType
from ...models.tenant_event_list import TenantEventList
from ...types import UNSET, Unset


def call(
    *,
    type_: EventType | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 20,
) -> Call[TenantEventList]:
    """List all events.

    Everything that happened in the tenant, in one order that no event is ever put into later:
    whoever goes on from an event's `cursor` misses nothing. An event is listed once all changes
    that began before its own have ended, so that a long one holds up those behind it. Of one
    run, `seq` is the order: what several transactions did to it at the same time may stand here
    the other way round. With `type`, a page may be short, or empty, although `hasMore` says
    that there is more.
    """

    params: dict[str, Any] = {}

    json_type_: str | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params["cursor"] = cursor

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/events",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> TenantEventList:
    response_200 = TenantEventList.from_dict(body)

    return response_200
