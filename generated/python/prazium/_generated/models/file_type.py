from typing import Literal, cast

FileType = Literal["directory", "file", "symlink"]


def check_file_type(value: object) -> FileType:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(FileType, value)
