"""The product's bare repositories: commits, merges and refs, written through libgit2 only.

No git program, no hook, no filter and no configuration of the machine or the user takes part.
Several processes may write to one repository: objects are immutable, and refs move under a lock.
"""

import ctypes
import fcntl
import functools
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final, Literal, ParamSpec, TypeVar

import pygit2
from pygit2.enums import ConfigLevel, FileMode, ObjectType

from services.adapters.git.names import path_problem, ref_problem

MAIN: Final = "refs/heads/main"
_NAME: Final = "Prazium"
_MAIL: Final = "builds@prazium.local"
_STALE_LOCK_S: Final = 10.0

P = ParamSpec("P")
R = TypeVar("R")


class Expected(Enum):
    """What `set_ref` may expect besides a commit or nothing."""

    ANY = "any"


ANY: Final = Expected.ANY


class GitFailure(Exception):
    """The repository could not be read or written."""


class RefMoved(Exception):
    """The ref no longer points where the caller expected."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has moved.")
        self.name = name


class MergeConflict(Exception):
    """Two branches changed the same files in different ways."""

    def __init__(self, branch: str, files: list[str]) -> None:
        super().__init__(f"Merging {branch} conflicts in {', '.join(files[:20])}.")
        self.branch = branch
        self.files = files


def _ignore_foreign_configuration() -> None:
    """Read no configuration but the repository's own, and trust whoever owns its folder."""
    for level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False


_ignore_foreign_configuration()


def without_host_paths(function: Callable[P, R]) -> Callable[P, R]:
    """Turn failures of libgit2 and of the disk into `GitFailure`, whose text names no host path."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OSError as error:
            reason = error.strerror or "input or output error"
            raise GitFailure(f"The repository's disk failed: {reason}.") from error
        except pygit2.GitError as error:
            raise GitFailure("The repository could not be read or written.") from error

    return guarded


def open_repository(path: Path) -> pygit2.Repository:
    """Open the repository at exactly `path`; parent folders are not searched."""
    return pygit2.Repository(str(path), pygit2.enums.RepositoryOpenFlag.NO_SEARCH)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one process and thread; the kernel lets go when the process dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@without_host_paths
def ensure_repository(path: Path) -> None:
    """Create the bare repository with one empty root commit on main, unless it is there.

    Safe to repeat, also after a crash in the middle, and safe for several processes.
    """
    if _is_complete(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent):
        repo = pygit2.init_repository(str(path), bare=True, initial_head="main")
        if MAIN not in repo.references:
            repo.references.create(MAIN, _write_root(repo))


def _is_complete(path: Path) -> bool:
    try:
        return MAIN in open_repository(path).references
    except pygit2.GitError:
        return False


def _write_root(repo: pygit2.Repository) -> pygit2.Oid:
    """Write the root commit: no files and time 0, thus the same id in every repository."""
    author = pygit2.Signature(_NAME, _MAIL, 0, 0)
    tree = repo.TreeBuilder().write()
    return repo.create_commit(None, author, author, "Begin\n", tree, [])


@without_host_paths
def root(path: Path) -> str:
    """Return the id of the root commit."""
    return str(_write_root(open_repository(path)))


def find_commit(repo: pygit2.Repository, sha: str) -> pygit2.Commit:
    """Return the commit of a full hex id. Raises: GitFailure if there is none."""
    found = repo.get(sha) if len(sha) == 40 else None
    if not isinstance(found, pygit2.Commit):
        raise GitFailure("The repository has no such commit.")
    return found


def write_commit(
    repo: pygit2.Repository,
    tree: pygit2.Oid,
    parents: list[pygit2.Oid],
    message: str,
    *,
    at: int | None = None,
) -> str:
    """Write a commit by the product at `at` (Unix seconds, else now); no ref moves."""
    author = pygit2.Signature(_NAME, _MAIL, int(time.time()) if at is None else at, 0)
    return str(repo.create_commit(None, author, author, message.strip() + "\n", tree, parents))


@without_host_paths
def commit_files(
    path: Path,
    parents: list[str],
    files: dict[str, bytes],
    message: str,
    *,
    executable: Collection[str] = (),
) -> str:
    """Commit the first parent's tree with `files` put over it; return the id, move no ref.

    Raises: ValueError if a path is not a plain path inside the tree.
    """
    repo = open_repository(path)
    commits = [find_commit(repo, sha) for sha in parents]
    index = pygit2.Index()
    if commits:
        index.read_tree(commits[0].tree)
    for name, content in files.items():
        if problem := path_problem(name):
            raise ValueError(problem)
        mode = FileMode.BLOB_EXECUTABLE if name in executable else FileMode.BLOB
        index.add(pygit2.IndexEntry(name, repo.create_blob(content), mode))
    return write_commit(repo, index.write_tree(repo), [c.id for c in commits], message)


@without_host_paths
def merge(path: Path, base: str, theirs: list[str], message_prefix: str) -> str:
    """Merge each of `theirs` (branch names or commit ids) onto `base`, in order and in memory.

    What is already contained is skipped. Returns the resulting commit and moves no ref; the same
    merge gives the same id again, so that it may be repeated after a crash.

    Raises: MergeConflict with the branch and the files, for the first that conflicts.
    """
    repo = open_repository(path)
    current = find_commit(repo, base)
    for branch in theirs:
        their = find_commit(repo, resolve(path, branch) or "")
        if repo.merge_base(current.id, their.id) != their.id:
            merged = _merge_one(repo, current, their, branch, message_prefix)
            current = find_commit(repo, merged)
    return str(current.id)


def _merge_one(
    repo: pygit2.Repository,
    ours: pygit2.Commit,
    theirs: pygit2.Commit,
    branch: str,
    message_prefix: str,
) -> str:
    index = repo.merge_commits(ours, theirs)
    if index.conflicts:
        sides = {side.path for conflict in index.conflicts for side in conflict if side}
        raise MergeConflict(branch, sorted(shown(os.fsencode(side)) for side in sides))
    tree = index.write_tree(repo)
    return _join(repo, ours, theirs, tree, f"{message_prefix} {branch}")


@without_host_paths
def adopt(path: Path, onto: str, tree_of: str, message: str) -> str:
    """Commit the tree of `tree_of` with both as parents: `onto` takes it whole; no ref moves.

    If `onto` has taken it already, it is returned as it is.
    """
    repo = open_repository(path)
    ours, theirs = find_commit(repo, onto), find_commit(repo, tree_of)
    if ours.tree_id == theirs.tree_id and repo.merge_base(ours.id, theirs.id) == theirs.id:
        return str(ours.id)
    return _join(repo, ours, theirs, theirs.tree_id, message)


def _join(
    repo: pygit2.Repository,
    ours: pygit2.Commit,
    theirs: pygit2.Commit,
    tree: pygit2.Oid,
    message: str,
) -> str:
    """Commit with two parents, dated as the younger of them so that a repetition has its id."""
    at = max(ours.commit_time, theirs.commit_time)
    return write_commit(repo, tree, [ours.id, theirs.id], message, at=at)


@without_host_paths
def set_ref(
    path: Path, name: str, sha: str, *, expected: str | Literal[Expected.ANY] | None
) -> None:
    """Point the ref `name` (`refs/heads/…` or `refs/tags/…`) at a commit, if it is as expected.

    `expected` is the commit it points at now, None if it must not exist, ANY for no condition.
    Comparing and setting are one step for all processes: both happen under a lock on the
    repository's folder, which dies with its holder, and under git's own `.lock` file, which keeps
    out git clients. The commit's objects are on disk before the ref is, and the ref before this
    returns, so that what the ledger says afterwards survives a loss of power.

    Raises: RefMoved if the ref is not as expected, ValueError if the name is not good.
    """
    if ref_problem(name) or not name.startswith(("refs/heads/", "refs/tags/")):
        raise ValueError("A ref is named refs/heads/… or refs/tags/….")
    repo = open_repository(path)
    target = find_commit(repo, sha).id
    _flush(path)
    with _locked(path):
        _drop_stale_lock(path / f"{name}.lock")
        with repo.transaction() as transaction:
            transaction.lock_ref(name)
            if expected is not ANY and _target(repo, name) != expected:
                raise RefMoved(name)
            transaction.set_target(name, target)
    _flush(path)


def _flush(path: Path) -> None:
    """Write to disk what the folder's file system still has in memory.

    Once per ref is a hundredth of the cost of once per object, as git would do it.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "syncfs"):  # Linux only
        os.sync()
        return
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc.syncfs(handle)
    finally:
        os.close(handle)


def _drop_stale_lock(lock: Path) -> None:
    """Remove git's lock file if its writer is long gone; only `kill -9` leaves one behind."""
    try:
        if time.time() - lock.stat().st_mtime > _STALE_LOCK_S:
            lock.unlink()
    except FileNotFoundError:
        return


def _target(repo: pygit2.Repository, name: str) -> str | None:
    found = repo.references.get(name)
    return None if found is None else str(found.target)


@without_host_paths
def resolve(path: Path, ref: str) -> str | None:
    """Return the commit id of a branch, a tag or a commit id (7 to 40 hex digits), else None."""
    if ref_problem(ref):
        return None
    repo = open_repository(path)
    for name in (f"refs/heads/{ref}", f"refs/tags/{ref}", ref):
        found = repo.references.get(name) if name.startswith("refs/") else None
        if found is not None:
            return commit_of(found)
    return _commit_by_id(repo, ref)


def commit_of(reference: pygit2.Reference) -> str | None:
    """Follow a branch or an annotated tag to its commit."""
    try:
        return str(reference.peel(pygit2.Commit).id)
    except (pygit2.GitError, ValueError):
        return None


def _commit_by_id(repo: pygit2.Repository, text: str) -> str | None:
    hex_digits = 7 <= len(text) <= 40 and all(c in "0123456789abcdefABCDEF" for c in text)
    if not hex_digits:
        return None
    try:
        found = repo.get(text)
    except ValueError:  # the abbreviation fits more than one object
        return None
    return str(found.id) if found is not None and found.type == ObjectType.COMMIT else None


def shown(name: bytes) -> str:
    """Decode a file name for people; bytes that are not UTF-8 become the replacement character."""
    return name.decode("utf-8", "replace")
