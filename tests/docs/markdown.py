"""The hand-written documents as data: their blocks, tables, links and sections."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "API.md"  # generated; scripts/verify holds it
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


def read(name: str) -> str:
    """A document by its path below the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for found, body in FENCE.findall(text) if found == language]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", text)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level."""
    level = heading.partition(" ")[0]
    after = text.partition(f"\n{heading}\n")[2]
    return re.split(rf"^{level} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of all tables without their headings, cell by cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    ruled = [place for place, line in enumerate(lines) if set(line) <= set("|-: ")]
    heads = {place - 1 for place in ruled}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for place, line in enumerate(lines)
        if place not in heads and place not in ruled
    ]


def codes(text: str) -> list[str]:
    """What stands between single backticks."""
    return CODE.findall(text)


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as GitHub makes them, and those that are written out."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return made | set(re.findall(r'<a id="([^"]+)">', text))
