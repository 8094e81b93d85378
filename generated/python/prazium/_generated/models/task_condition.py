from typing import Literal, cast

TaskCondition = Literal["all_ended", "all_succeeded", "any_succeeded"]


def check_task_condition(value: object) -> TaskCondition:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(TaskCondition, value)
