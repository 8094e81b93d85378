from typing import Literal, cast

TaskOutcome = Literal["cancelled", "failed", "skipped", "succeeded"]


def check_task_outcome(value: object) -> TaskOutcome:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(TaskOutcome, value)
