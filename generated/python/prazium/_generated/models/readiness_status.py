from typing import Literal, cast

ReadinessStatus = Literal["ready"]


def check_readiness_status(value: object) -> ReadinessStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(ReadinessStatus, value)
