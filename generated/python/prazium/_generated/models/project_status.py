from typing import Literal, cast

ProjectStatus = Literal[
    "approved", "archived", "building", "clarifying", "completed", "draft", "failed", "spec_review"
]


def check_project_status(value: object) -> ProjectStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(ProjectStatus, value)
