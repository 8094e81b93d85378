from typing import Any
from urllib.parse import quote

from ...._calls import Call
from ...types import UNSET, Unset


def call(
    name: str,
    *,
    v: str | Unset = UNSET,
) -> Call[None]:
    """Get a file of the reference page.

    What the page loads. Under its current version a file never changes, so a browser keeps it.
    """

    params: dict[str, Any] = {}

    params["v"] = v

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/docs/{name}".format(
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
