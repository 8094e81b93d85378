from typing import Literal, cast

GraphStatus = Literal["cancelled", "failed", "queued", "running", "succeeded"]


def check_graph_status(value: object) -> GraphStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(GraphStatus, value)
