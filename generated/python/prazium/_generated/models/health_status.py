from typing import Literal, cast

HealthStatus = Literal["degraded", "disabled", "healthy", "unhealthy"]


def check_health_status(value: object) -> HealthStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(HealthStatus, value)
