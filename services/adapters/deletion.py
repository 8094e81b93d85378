"""Deleting folders that an untrusted program has filled."""

import itertools
import os
from pathlib import Path


def delete_folder(top: Path) -> None:
    """Delete a folder of any depth, read-only parts included; links are removed, not followed.

    Each folder met is first moved up to the top, so that neither the recursion limit nor the
    longest path of the system stands in the way. Repeating after a crash finishes the work; what
    does not exist is no error.
    """
    if top.is_symlink() or top.is_file():
        top.unlink()
    if not top.exists():
        return
    pending, numbers = [top], itertools.count()
    while pending:
        folder = pending.pop()
        folder.chmod(0o700)
        with os.scandir(folder) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    pending.append(_move_up(Path(entry.path), top, next(numbers)))
                else:
                    Path(entry.path).unlink()
        if folder != top:
            folder.rmdir()
    top.rmdir()


def _move_up(folder: Path, top: Path, number: int) -> Path:
    """Move a folder to the top under a name that no earlier attempt has used."""
    folder.chmod(0o700)
    return folder.rename(top / f".deleted-{os.getpid()}-{os.urandom(4).hex()}-{number}")
