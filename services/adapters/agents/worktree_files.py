"""Reading and writing an agent's worktree from outside: never through links, never out of it."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def list_files(worktree: Path, at_most: int) -> list[str]:
    """List regular files by path, the link to the repository left out."""
    found: list[str] = []
    for folder, folders, names in os.walk(worktree):
        folders.sort()
        for name in sorted(set(names) - {".git"}):
            path = Path(folder, name)
            if stat.S_ISREG(path.lstat().st_mode):
                found.append(path.relative_to(worktree).as_posix())
        if len(found) >= at_most:
            break
    return found[:at_most]


def read_text(worktree: Path, path: str, limit: int) -> str | None:
    """Read a text file of at most `limit` bytes; None if it is none."""
    try:
        with _parent(worktree, path) as (folder, name):
            handle = os.open(name, _READ, dir_fd=folder)
        with os.fdopen(handle, "rb") as file:
            content = file.read(limit + 1)
        return None if len(content) > limit or b"\0" in content else content.decode()
    except (OSError, UnicodeDecodeError):
        return None


def write_file(worktree: Path, path: str, content: bytes, *, executable: bool) -> None:
    """Write a file with its folders.

    Raises: OSError if a part of the path is a link, or a folder is in the file's place.
    """
    with _parent(worktree, path, create=True) as (folder, name):
        handle = os.open(name, _WRITE, 0o666, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        os.fchmod(handle, mode | 0o111 if executable else mode & ~0o111)


def delete_file(worktree: Path, path: str) -> None:
    """Delete a file or link, if it is there. Raises: OSError as `write_file`."""
    with (
        contextlib.suppress(FileNotFoundError),
        _parent(worktree, path) as (folder, name),
    ):
        os.unlink(name, dir_fd=folder)


@contextlib.contextmanager
def _parent(worktree: Path, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """Open a file's folder part by part, so that no part can be a link; give it and the name."""
    *parts, name = path.split("/")
    folder = os.open(worktree, _FOLDER)
    try:
        for part in parts:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder, name
    finally:
        os.close(folder)
