"""Blobs: bytes that are too large for a row, by a name. Written once, never changed."""

import itertools
import os
import re
import secrets
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

from services.threads import in_thread

BATCH = 500
NAME = re.compile(r"[a-z0-9_]{1,100}(/[a-z0-9_]{1,100})*", re.ASCII)


class BlobMissing(Exception):
    """There are no such bytes; the message is the name."""


class Blobs(Protocol):
    """Where blobs are. A name is parts of lower-case letters, digits and `_`, between slashes."""

    async def put(self, name: str, data: bytes) -> None:
        """Store bytes; when this returns they outlast a loss of power. Raises: OSError."""

    async def get(self, name: str) -> bytes:
        """The bytes. Raises: BlobMissing, OSError."""

    async def delete(self, name: str) -> None:
        """Remove the bytes; what is missing is no fault. Raises: OSError."""

    def older(self, seconds: float) -> AsyncIterator[list[str]]:
        """The names of what was written longer ago, some at a time. Raises: OSError."""


class LocalBlobs:
    """Blobs as files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, data: bytes) -> None:
        """Store bytes."""
        await in_thread(write, self._path(name), data)

    async def get(self, name: str) -> bytes:
        """The bytes. Raises: BlobMissing."""
        try:
            return await in_thread(self._path(name).read_bytes)
        except FileNotFoundError:
            raise BlobMissing(name) from None

    async def delete(self, name: str) -> None:
        """Remove the bytes."""
        await in_thread(self._path(name).unlink, missing_ok=True)

    async def older(self, seconds: float) -> AsyncIterator[list[str]]:
        """The names of what was written longer ago, some at a time."""
        names = written(self._folder, until=time.time() - seconds)
        while batch := await in_thread(lambda: list(itertools.islice(names, BATCH))):
            yield batch

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a blob")
        return self._folder / name


def written(folder: Path, until: float) -> Iterator[str]:
    """The names of the blobs below a folder that are older than a time."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if NAME.fullmatch(name) and is_older(path, until):
            yield name


def is_older(path: Path, until: float) -> bool:
    """Whether this is a file from before a time; not if someone else has just removed it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_mtime < until


def write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
