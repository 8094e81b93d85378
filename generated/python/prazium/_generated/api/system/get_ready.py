from typing import Any

from ...._calls import Call
from ...models.readiness import Readiness


def call() -> Call[Readiness]:
    """Readiness check.

    Whether requests should be sent here; 503 without a database.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/ready",
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> Readiness:
    response_200 = Readiness.from_dict(body)

    return response_200
