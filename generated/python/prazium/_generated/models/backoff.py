from typing import Literal, cast

Backoff = Literal["constant", "exponential", "linear"]


def check_backoff(value: object) -> Backoff:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(Backoff, value)
