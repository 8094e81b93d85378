"""Reading a repository: refs, folders and files, from git objects and never from a disk tree."""

from pathlib import Path
from typing import Literal

import msgspec
import pygit2
from pygit2.enums import FileMode

from services.adapters.git.names import path_problem
from services.adapters.git.repository import (
    commit_of,
    find_commit,
    open_repository,
    shown,
    without_host_paths,
)

Kind = Literal["file", "directory", "symlink"]

_KINDS: dict[int, Kind] = {
    FileMode.TREE: "directory",
    FileMode.BLOB: "file",
    FileMode.BLOB_EXECUTABLE: "file",
    FileMode.LINK: "symlink",
}


class Ref(msgspec.Struct, frozen=True):
    """A branch or tag by its short name, and the id of its commit."""

    name: str
    kind: Literal["branch", "tag"]
    commit: str


class Entry(msgspec.Struct, frozen=True):
    """One row of a folder; `size` in bytes, None for a directory."""

    name: str
    kind: Kind
    size: int | None


class Blob(msgspec.Struct, frozen=True):
    """A file's content, or for a symlink its target."""

    kind: Literal["file", "symlink"]
    content: bytes
    size: int
    executable: bool


class TooLarge(Exception):
    """The file is larger than may be read."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


@without_host_paths
def list_refs(path: Path) -> list[Ref]:
    """List branches (main first), then tags, by name."""
    repo = open_repository(path)
    refs = [ref for name in repo.references if (ref := _ref(repo, name))]
    return sorted(refs, key=lambda ref: (ref.kind, ref.name != "main", ref.name))


def _ref(repo: pygit2.Repository, name: str) -> Ref | None:
    kind: Literal["branch", "tag"] = "branch" if name.startswith("refs/heads/") else "tag"
    commit = commit_of(repo.references[name])
    if commit is None or not name.startswith(("refs/heads/", "refs/tags/")):
        return None
    return Ref(name.split("/", 2)[2], kind, commit)


@without_host_paths
def list_tree(path: Path, commit: str, folder: str) -> list[Entry] | None:
    """List a folder ("" is the root), directories first; None if there is no such folder."""
    repo = open_repository(path)
    found = _find(repo, commit, folder) if folder else find_commit(repo, commit).tree
    if not isinstance(found, pygit2.Tree):
        return None
    entries = [_entry(repo, item) for item in found if item.filemode in _KINDS]
    return sorted(entries, key=lambda entry: (entry.kind != "directory", entry.name))


def _entry(repo: pygit2.Repository, item: pygit2.Object) -> Entry:
    kind = _KINDS[item.filemode]
    size = None if kind == "directory" else _size(repo, item.id)
    return Entry(shown(item.raw_name or b""), kind, size)


def _size(repo: pygit2.Repository, blob: pygit2.Oid) -> int:
    """Read a blob's size from its header, without its content."""
    _, size = repo.odb.read_header(blob)
    return int(size)


@without_host_paths
def read_blob(path: Path, commit: str, file: str, limit: int) -> Blob | None:
    """Read a file of at most `limit` bytes; None if there is no such file. Links stay links.

    Raises: TooLarge with the size if it has more.
    """
    repo = open_repository(path)
    item = _find(repo, commit, file)
    if not isinstance(item, pygit2.Blob):
        return None
    size = _size(repo, item.id)
    if size > limit:
        raise TooLarge(size)
    kind: Literal["file", "symlink"] = "symlink" if item.filemode == FileMode.LINK else "file"
    return Blob(kind, item.data, size, item.filemode == FileMode.BLOB_EXECUTABLE)


def _find(repo: pygit2.Repository, commit: str, path: str) -> pygit2.Object | None:
    """Walk down from the root, part by part; symlinks are not followed."""
    found: pygit2.Object | None = find_commit(repo, commit).tree
    if path_problem(path):
        return None
    for part in path.split("/"):
        if not isinstance(found, pygit2.Tree):
            return None
        found = _child(found, part)
    return found


def _child(tree: pygit2.Tree, name: str) -> pygit2.Object | None:
    """Find by name, or by the name as `list_tree` shows it if it is not UTF-8."""
    if name in tree:
        return tree[name]
    if "\ufffd" not in name:
        return None
    return next((item for item in tree if shown(item.raw_name or b"") == name), None)
