from typing import Literal, cast

FileEncoding = Literal["base64", "utf-8"]


def check_file_encoding(value: object) -> FileEncoding:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(FileEncoding, value)
