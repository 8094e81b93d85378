from typing import Literal, cast

WaitFor = Literal["answer", "signal", "timer"]


def check_wait_for(value: object) -> WaitFor:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(WaitFor, value)
