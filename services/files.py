"""Files: the repository of a project, read from git objects, never from a work tree."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from generated.models import (
    FileContent,
    FileEncoding,
    FileEntry,
    FileList,
    FileType,
    RefEntry,
    RefType,
)
from services import folders
from services.adapters import git
from services.context import Context
from services.errors import NotFound, PayloadTooLarge, StorageUnavailable, invalid
from services.projects import require
from services.threads import in_thread

P = ParamSpec("P")
R = TypeVar("R")

LIMIT = 1024 * 1024
NAME_LIMIT = 1024
MAIN = "main"


async def list_refs(ctx: Context, project_id: str) -> list[RefEntry]:
    """The branches and tags that a request can name, `main` first; none before the first run.

    Raises: NotFound.
    """
    repository = await repository_of(ctx, project_id)
    if repository is None:
        return []
    refs = await from_git(git.list_refs, repository)
    return [
        RefEntry(name=r.name, type=RefType(r.kind), commit=r.commit)
        for r in refs
        if git.ref_problem(r.name) is None
    ]


async def list_files(ctx: Context, project_id: str, ref: str, path: str) -> FileList:
    """The entries of a folder, folders first.

    Raises: ValidationFailed for a bad ref or path, NotFound.
    """
    folder = path.strip("/")
    check("/ref", git.ref_problem(ref))
    check("/path", git.path_problem(folder) if folder else None)
    repository = await repository_of(ctx, project_id)
    shown = f"/{folder}"
    if repository is None and ref == MAIN and not folder:
        return FileList(ref=ref, path=shown, entries=[])
    repository = repository or no_repository()
    commit = await commit_of(repository, ref)
    entries = await from_git(git.list_tree, repository, commit, folder)
    if entries is None:
        raise NotFound("There is no such folder at this ref.")
    return FileList(ref=ref, commit=commit, path=shown, entries=[entry(e) for e in entries])


async def get_file(ctx: Context, project_id: str, path: str, ref: str) -> FileContent:
    """The content of a file; of a link, where it points to.

    Raises: ValidationFailed for a bad ref or path, NotFound, PayloadTooLarge over 1 MiB.
    """
    check("/ref", git.ref_problem(ref))
    check("/path", git.path_problem(path))
    repository = await repository_of(ctx, project_id) or no_repository()
    commit = await commit_of(repository, ref)
    try:
        blob = await from_git(git.read_blob, repository, commit, path, LIMIT)
    except git.TooLarge as error:
        message = f"The file has {error.size} bytes; more than 1 MiB is only in an export."
        raise PayloadTooLarge(message) from error
    if blob is None:
        raise NotFound("There is no such file at this ref.")
    content, encoding = written(blob.content)
    return FileContent(
        path=path,
        ref=ref,
        commit=commit,
        type=FileType(blob.kind),
        content=content,
        encoding=encoding,
        size=blob.size,
    )


async def repository_of(ctx: Context, project_id: str) -> Path | None:
    """The project's repository, or None before the first run.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require(tx, project_id)
    path = folders.repository(ctx.settings, project_id)
    return path if path.is_dir() else None


async def from_git(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function of the git adapter gives, off the event loop.

    Raises: StorageUnavailable if the repository cannot be read, as while it is being made.
    """
    try:
        return await in_thread(function, *args, **kwargs)
    except git.GitFailure as error:
        raise StorageUnavailable("The repository cannot be read right now.") from error


def no_repository() -> Path:
    """Nothing has been built yet.

    Raises: NotFound.
    """
    raise NotFound("There is no such branch, tag or commit.")


async def commit_of(repository: Path, ref: str) -> str:
    """The commit that a branch, a tag or a commit id names.

    Raises: NotFound.
    """
    commit = await from_git(git.resolve, repository, ref)
    if commit is None:
        raise NotFound("There is no such branch, tag or commit.")
    return commit


def check(field: str, problem: str | None) -> None:
    """Raise ValidationFailed if there is a problem with the parameter."""
    if problem:
        raise invalid(field, problem)


def entry(found: git.Entry) -> FileEntry:
    """A folder's entry in the contract's words; what is too long for them is cut."""
    size = {} if found.size is None else {"size": found.size}
    return FileEntry(name=found.name[:NAME_LIMIT], type=FileType(found.kind), **size)


def written(content: bytes) -> tuple[str, FileEncoding]:
    """Text as it is, everything else as base64."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return base64.b64encode(content).decode(), FileEncoding.base64
    return text, FileEncoding.utf_8
