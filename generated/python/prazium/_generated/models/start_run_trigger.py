from typing import Literal, cast

StartRunTrigger = Literal["manual"]


def check_start_run_trigger(value: object) -> StartRunTrigger:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(StartRunTrigger, value)
