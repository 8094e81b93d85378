from typing import Literal, cast

CatchUp = Literal["all", "none", "one"]


def check_catch_up(value: object) -> CatchUp:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(CatchUp, value)
