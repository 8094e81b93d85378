from typing import Literal, cast

Replay = Literal["ask", "never", "safe"]


def check_replay(value: object) -> Replay:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(Replay, value)
