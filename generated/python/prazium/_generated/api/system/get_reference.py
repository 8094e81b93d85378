from typing import Any

from ...._calls import Call


def call() -> Call[None]:
    """Read the contract in a browser.

    A page that shows every operation with its fields and examples. It loads nothing from
    another host.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/docs",
    }
    return Call(_kwargs, _read)


def _read(body: Any) -> None:
    return None
