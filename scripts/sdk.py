"""The client packages from the bundled contract and the runtime in sdk/."""

from pathlib import Path
from typing import Any


def write_python(contract: dict[str, Any], root: Path) -> None:
    """Write generated/python."""
