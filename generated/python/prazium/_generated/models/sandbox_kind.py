from typing import Literal, cast

SandboxKind = Literal["bubblewrap", "rlimits"]


def check_sandbox_kind(value: object) -> SandboxKind:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(SandboxKind, value)
