from typing import Literal, cast

RunStatus = Literal[
    "cancelled", "decomposing", "executing", "failed", "merging", "succeeded", "verifying"
]


def check_run_status(value: object) -> RunStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(RunStatus, value)
