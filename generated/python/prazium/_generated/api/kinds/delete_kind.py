from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...models.kind_response import KindResponse


def call(
    kind: str,
) -> Call[KindResponse]:
    """Delete a kind.

    No job of this kind can be created any more; those that wait stay. A task of a graph that
    would begin one fails (`UNKNOWN_KIND`). A built-in kind is refused.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/worker/kinds/{kind}".format(
            kind=quote(str(kind), safe=""),
        ),
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> KindResponse:
    response_200 = KindResponse.from_dict(body)

    return response_200
