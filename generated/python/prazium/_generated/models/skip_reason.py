from typing import Literal, cast

SkipReason = Literal["invalid", "late", "overlap"]


def check_skip_reason(value: object) -> SkipReason:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(SkipReason, value)
