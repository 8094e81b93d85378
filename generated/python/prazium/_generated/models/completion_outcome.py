from typing import Literal, cast

CompletionOutcome = Literal["done", "refused", "stale"]


def check_completion_outcome(value: object) -> CompletionOutcome:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(CompletionOutcome, value)
