from typing import Literal, cast

LeaseState = Literal["cancelled", "held", "lost"]


def check_lease_state(value: object) -> LeaseState:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(LeaseState, value)
