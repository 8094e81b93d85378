"""Names that come from outside: refs, paths in a tree, and the globs of a path scope.

Every `*_problem` function returns None for a good name and otherwise a sentence without the name
in it, fit for a customer.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

MAX_REF_BYTES = 255
MAX_PATH_CHARACTERS = 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REF_FORBIDDEN = re.compile(r"[ ~^:?*\[\\]|\.\.|@\{|//")


def ref_problem(ref: str) -> str | None:
    """Say why `ref` cannot be a branch, a tag or a commit id, by git's check-ref-format."""
    if not ref:
        return "A ref cannot be empty."
    if problem := _text_problem(ref):
        return problem
    if len(ref.encode()) > MAX_REF_BYTES:
        return f"A ref has at most {MAX_REF_BYTES} bytes."
    if ref.startswith("-"):
        return "A ref cannot begin with '-'."
    if _REF_FORBIDDEN.search(ref) or ref == "@":
        return "A ref cannot contain space, '~', '^', ':', '?', '*', '[', '\\', '..', '//' or '@{'."
    if ref.startswith("/") or ref.endswith(("/", ".")):
        return "A ref cannot begin with '/' nor end with '/' or '.'."
    if any(part.startswith(".") or part.endswith(".lock") for part in ref.split("/")):
        return "No part of a ref begins with '.' or ends with '.lock'."
    return None


def path_problem(path: str) -> str | None:
    """Say why `path` cannot name a file or folder inside a tree (`/` between the parts)."""
    if not path:
        return "A path cannot be empty."
    if problem := _text_problem(path):
        return problem
    if len(path) > MAX_PATH_CHARACTERS:
        return f"A path has at most {MAX_PATH_CHARACTERS} characters."
    if "\\" in path:
        return "A path has '/' between its parts, not '\\'."
    if path.startswith("/"):
        return "A path is relative to the root of the repository."
    return next(filter(None, map(_segment_problem, path.split("/"))), None)


def scope_problem(glob: str) -> str | None:
    """Say why `glob` cannot be part of a path scope. `*`, `?`, `[…]` and `**` are its wildcards."""
    return path_problem(glob)


def scope_matches(path: str, globs: Iterable[str]) -> bool:
    """Tell whether one of the globs covers `path`.

    `*` and `?` stay inside one folder; a part that is `**` stands for any number of folders;
    `a/**` covers all that lies below `a`.
    """
    parts = tuple(path.split("/"))
    return any(match_parts(parts, _parts_of_glob(glob)) for glob in globs)


def _parts_of_glob(glob: str) -> tuple[str, ...]:
    """Split a glob; `a/**` covers what is in `a` and not `a` itself, thus means `a/**/*`."""
    parts = tuple(glob.split("/"))
    return (*parts, "*") if parts[-1] == "**" else parts


@lru_cache(maxsize=4096)
def match_parts(parts: tuple[str, ...], glob: tuple[str, ...]) -> bool:
    """Match a path against a glob, part by part.

    `reached` holds how many parts of the glob can be used up so far. A set of positions instead of
    recursion keeps `**/**/**/…` linear in path and glob.
    """
    reached = _skip_stars(glob, {0})
    for part in parts:
        following = set()
        for at in reached:
            if at < len(glob) and glob[at] == "**":
                following.add(at)
            elif at < len(glob) and fnmatchcase(part, glob[at]):
                following.add(at + 1)
        reached = _skip_stars(glob, following)
    return len(glob) in reached


def _skip_stars(glob: tuple[str, ...], reached: set[int]) -> set[int]:
    """Add the positions behind each `**`, which may stand for no folder at all."""
    closed = set(reached)
    for at in range(len(glob)):
        if at in closed and glob[at] == "**":
            closed.add(at + 1)
    return closed


def _text_problem(text: str) -> str | None:
    """Refuse what is not printable UTF-8."""
    if _CONTROL.search(text):
        return "A name cannot contain control characters."
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "A name must be valid Unicode."
    return None


def _segment_problem(segment: str) -> str | None:
    """Refuse parts that leave the tree or that some file system reads as git's own folder."""
    if segment in ("", ".", ".."):
        return "A path has no empty part and no part '.' or '..'."
    if is_git_folder(segment):
        return "A path cannot lead into '.git'."
    return None


def is_git_folder(segment: str) -> bool:
    """Tell whether a file system may take `segment` for `.git`.

    NTFS drops trailing dots and spaces, knows `git~1` as its short name and `:…` as a stream;
    HFS+ drops zero-width characters (CVE-2014-9390).
    """
    plain = "".join(c for c in segment if not _is_ignored_by_hfs(c)).lower()
    return plain.split(":")[0].rstrip(". ") in (".git", "git~1")


def _is_ignored_by_hfs(character: str) -> bool:
    return (
        "\u200c" <= character <= "\u200f"
        or "\u202a" <= character <= "\u202e"
        or ("\u206a" <= character <= "\u206f" or character == "\ufeff")
    )
