from typing import Any

from ...._calls import Call
from ...models.stats_response import StatsResponse


def call() -> Call[StatsResponse]:
    """Get system stats.

    Figures of the whole installation.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/admin/stats",
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> StatsResponse:
    response_200 = StatsResponse.from_dict(body)

    return response_200
