from typing import Literal, cast

RunTrigger = Literal["manual", "retry"]


def check_run_trigger(value: object) -> RunTrigger:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(RunTrigger, value)
