from typing import Literal, cast

LogLevel = Literal["debug", "error", "info", "warning"]


def check_log_level(value: object) -> LogLevel:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(LogLevel, value)
