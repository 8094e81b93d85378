from typing import Literal, cast

OnFailure = Literal["continue", "stop"]


def check_on_failure(value: object) -> OnFailure:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(OnFailure, value)
