from typing import Literal, cast

ExportStatus = Literal["completed", "expired", "failed", "processing"]


def check_export_status(value: object) -> ExportStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(ExportStatus, value)
