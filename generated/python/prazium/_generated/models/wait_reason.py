from typing import Literal, cast

WaitReason = Literal["answer", "run", "signal", "timer"]


def check_wait_reason(value: object) -> WaitReason:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(WaitReason, value)
