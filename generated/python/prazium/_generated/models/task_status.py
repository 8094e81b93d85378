from typing import Literal, cast

TaskStatus = Literal["cancelled", "failed", "pending", "running", "skipped", "succeeded", "waiting"]


def check_task_status(value: object) -> TaskStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(TaskStatus, value)
