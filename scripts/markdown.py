"""Markdown, as the generated documents use it."""

import json
from collections.abc import Sequence
from typing import Any


def link(title: str) -> str:
    """A link to a section of the same page."""
    return f"[{title}](#{title.lower().replace(' ', '-')})"


def table(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    """A table; `head` names its columns, cut by bars."""
    columns = head.split("|")
    lines = [columns, ["---"] * len(columns), *([cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(text: str) -> str:
    """A text that fits into a table."""
    return " ".join(text.split()).replace("|", "\\|")


def block(language: str, *lines: str) -> str:
    """A block of code."""
    return "\n".join([f"```{language}", *lines, "```\n"])


def json_block(value: Any) -> str:
    """A block of JSON as it is read best."""
    return block("json", json.dumps(value, indent=2, ensure_ascii=False))
