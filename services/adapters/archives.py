"""Archives of a commit, written straight from git objects: the same commit gives the same bytes."""

import gzip
import hashlib
import io
import os
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import msgspec
import pygit2
from pygit2.enums import FileMode

from services.adapters.git import path_problem
from services.adapters.git.repository import (
    find_commit,
    open_repository,
    shown,
    without_host_paths,
)

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAX_LINKS = 40


class Archive(msgspec.Struct, frozen=True):
    """A finished archive: its size, digest (hex) and files.

    `left_out` names what an archive cannot hold safely: links that lead out of the tree, and names
    that some system would read as another path.
    """

    size_bytes: int
    sha256: str
    files: int
    left_out: list[str]


class _Item(msgspec.Struct, frozen=True):
    path: str
    mode: int
    blob: pygit2.Blob


_Add = Callable[[str, int, bytes], None]
"""Adds a path with its mode and content; a link's content is its target, a folder has none."""


@without_host_paths
def write_archive(
    repo: Path, commit: str, target: Path, kind: Literal["zip", "tar.gz"], folder: str
) -> Archive:
    """Write the commit's files below one top-level `folder` into `target`.

    The archive appears at `target` complete and flushed to disk, or not at all.

    Raises: ValueError if `folder` is not a plain name, GitFailure.
    """
    if path_problem(folder) or "/" in folder:
        raise ValueError("The top-level folder must be a plain name.")
    tree = find_commit(open_repository(repo), commit).tree
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        try:
            files, left_out = _write(file, kind, folder, tree)
            archive = Archive(file.tell(), _digest(file), files, left_out)
            _publish(file, target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return archive


def _write(
    file: IO[bytes], kind: Literal["zip", "tar.gz"], folder: str, tree: pygit2.Tree
) -> tuple[int, list[str]]:
    """Write all files; return how many, and what was left out."""
    links = {item.path: _link_target(item) for item in _walk(tree) if _is_link(item)}
    files, left_out = 0, []
    with _zip(file) if kind == "zip" else _tar_gz(file) as add:
        add(f"{folder}/", stat.S_IFDIR | 0o755, b"")
        for item in _walk(tree):
            if path_problem(item.path) or (_is_link(item) and _leaves(item.path, links)):
                left_out.append(item.path)
            else:
                add(f"{folder}/{item.path}", item.mode, item.blob.data)
                files += 1
    file.flush()
    return files, left_out


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _publish(file: IO[bytes], target: Path) -> None:
    """Flush the finished file to disk and give it its name."""
    os.fchmod(file.fileno(), 0o644)
    os.fsync(file.fileno())
    Path(file.name).replace(target)
    handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _walk(tree: pygit2.Tree, folder: str = "") -> Iterator[_Item]:
    """Yield a tree's files and links in git's order; nested repositories have no content here."""
    for entry in tree:
        path = folder + shown(entry.raw_name or b"")
        if isinstance(entry, pygit2.Tree):
            yield from _walk(entry, f"{path}/")
        elif isinstance(entry, pygit2.Blob):
            yield _Item(path, entry.filemode, entry)


def _is_link(item: _Item) -> bool:
    return item.mode == FileMode.LINK


def _link_target(item: _Item) -> str:
    return shown(item.blob.data)


def _leaves(path: str, links: dict[str, str]) -> bool:
    """Tell whether following the link at `path` can end outside the tree.

    Links are followed part by part as a system would: `a/b/..` need not be `a` when `b` is a link.
    """
    where: list[str] = []
    parts, followed = path.split("/")[::-1], 0
    while parts:
        part = parts.pop()
        if part == "..":
            if not where:
                return True
            where.pop()
        elif part not in ("", "."):
            where.append(part)
            if (target := links.get("/".join(where))) is not None:
                followed += 1
                if followed > _MAX_LINKS or target.startswith("/") or _has_bad_part(target):
                    return True
                where.pop()
                parts += target.split("/")[::-1]
    return False


def _has_bad_part(target: str) -> bool:
    """Tell whether a link's target has characters that no path in an archive may have."""
    return any(path_problem(part) for part in target.split("/") if part not in ("", ".", ".."))


@contextmanager
def _zip(file: IO[bytes]) -> Iterator[_Add]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(path: str, mode: int, content: bytes) -> None:
            info = zipfile.ZipInfo(path, _ZIP_EPOCH)
            info.create_system = 3  # Unix: the upper half of external_attr is the mode
            info.external_attr = mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)

        yield add


@contextmanager
def _tar_gz(file: IO[bytes]) -> Iterator[_Add]:
    # Neither the time nor the temporary file's name may get into gzip's header.
    with (
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        yield lambda path, mode, content: archive.addfile(
            _tar_info(path, mode, content), io.BytesIO(content)
        )


def _tar_info(path: str, mode: int, content: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.mode = stat.S_IMODE(mode) or 0o777
    if stat.S_ISDIR(mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(mode):
        info.type, info.linkname = tarfile.SYMTYPE, shown(content)
    else:
        info.size = len(content)
    return info
