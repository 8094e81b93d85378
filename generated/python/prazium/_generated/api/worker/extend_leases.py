from typing import Any

from ...._calls import Call
from ...models.extend_leases import ExtendLeases
from ...models.extended_leases_response import ExtendedLeasesResponse


def call(
    *,
    body: ExtendLeases,
) -> Call[ExtendedLeasesResponse]:
    """Extend leases.

    Keep the jobs that are being worked on. What is not `held` any more belongs to someone else
    or to nobody: stop, and record nothing.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/worker/heartbeat",
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> ExtendedLeasesResponse:
    response_200 = ExtendedLeasesResponse.from_dict(body)

    return response_200
