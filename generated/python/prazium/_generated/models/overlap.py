from typing import Literal, cast

Overlap = Literal["allow", "skip"]


def check_overlap(value: object) -> Overlap:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(Overlap, value)
