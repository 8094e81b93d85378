from typing import Literal, cast

ExportFormat = Literal["tar.gz", "zip"]


def check_export_format(value: object) -> ExportFormat:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(ExportFormat, value)
