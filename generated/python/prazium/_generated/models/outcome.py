from typing import Literal, cast

Outcome = Literal["cancelled", "failed", "succeeded"]


def check_outcome(value: object) -> Outcome:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(Outcome, value)
