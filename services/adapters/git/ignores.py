"""`.gitignore` files, read and matched here.

libgit2 can do this too, but a pattern like `a*a*a*/a*a*a*/…` keeps it busy for ever, with the
interpreter's lock held, and an agent may write any pattern. Matching here takes time in proportion
to path and pattern. Rules: https://git-scm.com/docs/gitignore#_pattern_format
"""

import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

import msgspec

from services.adapters.git.names import match_parts

MAX_BYTES = 64 * 1024
MAX_RULES = 500


class TooManyRules(Exception):
    """The ignore files on the way to a folder are too large, or have too many patterns."""


class _Rule(msgspec.Struct, frozen=True):
    """One pattern; `depth` is the number of folders above its file."""

    parts: tuple[str, ...]
    depth: int
    anchored: bool
    folders_only: bool
    negated: bool

    def matches(self, path: tuple[str, ...], is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        if not self.anchored:
            return fnmatchcase(path[-1], self.parts[0])
        return match_parts(path[self.depth :], self.parts)


class Ignores(msgspec.Struct, frozen=True):
    """The rules that hold in one folder: its own and those of the folders above."""

    rules: tuple[_Rule, ...] = ()

    def enter(self, worktree: Path, folder: str) -> Self:
        """Add the rules of a folder below the worktree ("" is its root).

        As for git, a `.gitignore` that is no plain file counts as none. Raises: TooManyRules.
        """
        depth = len(folder.split("/")) if folder else 0
        text = _read(worktree / folder / ".gitignore")
        own = tuple(rule for line in text.splitlines() if (rule := _parse(line, depth)))
        if len(self.rules) + len(own) > MAX_RULES:
            raise TooManyRules
        return type(self)(self.rules + own) if own else self

    def covers(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether a file or folder right in this folder is ignored; the last match decides."""
        parts = tuple(path.split("/"))
        for rule in reversed(self.rules):
            if rule.matches(parts, is_folder):
                return not rule.negated
        return False


def _read(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooManyRules
    return os.fsdecode(content)


def _parse(line: str, depth: int) -> _Rule | None:
    """Read one line; None for comments and empty lines."""
    line = re.sub(r"(?<!\\) +$", "", line)
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    pattern = line.removeprefix("!") if negated else line
    anchored = "/" in pattern[:-1]
    parts = tuple(_to_fnmatch(part) for part in pattern.strip("/").split("/"))
    if parts[-1] == "**":
        parts = (*parts, "*")
    return _Rule(parts, depth, anchored, pattern.endswith("/"), negated) if parts[0] else None


def _to_fnmatch(part: str) -> str:
    r"""Translate git's `\*` and `[^x]`, which Python writes as `[*]` and `[!x]`."""
    escaped = re.sub(r"\\(.)", lambda m: f"[{m[1]}]" if m[1] in "*?[" else m[1], part)
    return escaped.replace("[^", "[!")
