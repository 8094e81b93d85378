from typing import Any

from ...._calls import Call
from ...models.health import Health


def call() -> Call[Health]:
    """Health check.

    Whether the process is alive, and how the parts that it needs are. Always 200 while it can
    answer.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/health",
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> Health:
    response_200 = Health.from_dict(body)

    return response_200
