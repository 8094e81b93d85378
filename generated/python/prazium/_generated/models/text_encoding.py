from typing import Literal, cast

TextEncoding = Literal["base64", "utf-8"]


def check_text_encoding(value: object) -> TextEncoding:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(TextEncoding, value)
