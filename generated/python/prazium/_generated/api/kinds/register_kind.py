from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.kind_response import KindResponse
from ...models.register_kind import RegisterKind


def call(
    kind: str,
    *,
    body: RegisterKind,
) -> Call[KindResponse]:
    """Register a kind.

    Say what a kind is and what its input looks like, or say it anew; jobs that exist stay as
    they are. The schemas are JSON Schema, draft 2020-12, of at most 64 KiB each, and refer to
    nothing outside themselves. The name of a built-in kind and of what Prazium itself does
    (`build.…`, `export.…`) is refused. A tenant can have 1,000 kinds.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/worker/kinds/{kind}".format(
            kind=quote(str(kind), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    return Call(_kwargs, _read)


def _read(body: Any) -> KindResponse:
    response_200 = KindResponse.from_dict(body)

    return response_200
