from typing import Literal, cast

RefType = Literal["branch", "tag"]


def check_ref_type(value: object) -> RefType:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(RefType, value)
