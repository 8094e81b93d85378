from typing import Literal, cast

PlannedTaskAction = Literal["graph", "map", "run", "wait"]


def check_planned_task_action(value: object) -> PlannedTaskAction:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(PlannedTaskAction, value)
