"""docs/API.md from the bundled contract."""

from typing import Any


def markdown(contract: dict[str, Any]) -> str:
    """The API reference as Markdown."""
    return "# API\n"
