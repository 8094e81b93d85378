"""A file that appears only when it is complete and checked."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attrs import define, field

from ._failures import ChecksumMismatch
from .models import Export


@define
class Sink:
    """Where the parts of a download go: into a file and into its checksum."""

    file: BinaryIO
    digest: "hashlib._Hash" = field(factory=hashlib.sha256)

    def write(self, part: bytes) -> None:
        """Add the next part."""
        self.file.write(part)
        self.digest.update(part)


@contextmanager
def verified_file(target: Path, sha256: str | None) -> Iterator[Sink]:
    """Write next to the target; rename over it if the checksum is right, else remove.

    Raises: ChecksumMismatch if what was written has another checksum.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            sink = Sink(file)
            yield sink
        if sink.digest.hexdigest() != sha256:
            raise ChecksumMismatch(f"The download does not have the checksum {sha256}.")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def target_of(path: str | Path, export: Export) -> Path:
    """The file to write: the path, or the export's own name if the path is a folder."""
    target = Path(path)
    if target.is_dir():
        return target / Path(export.file_name or f"{export.id}.{export.format_}").name
    return target
