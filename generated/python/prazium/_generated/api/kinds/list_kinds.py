from typing import Any

from ...._calls import Call
from ...models.kind_list import KindList
from ...types import UNSET, Unset


def call(
    *,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
) -> Call[KindList]:
    """List kinds.

    The kinds of jobs by name, built-in ones included, with the schemas of their inputs.
    """

    params: dict[str, Any] = {}

    params["page"] = page

    params["pageSize"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/worker/kinds",
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> KindList:
    response_200 = KindList.from_dict(body)

    return response_200
