"""Linked worktrees: a commit laid out as files for an agent, its changes taken back as a commit.

What an agent leaves in its worktree is not trusted. The repository is always opened through the
product's own folder, never through `worktree/.git`; files are read one by one, so no filter, hook
or configuration of the worktree runs; links are stored as links and never followed.
"""

import hashlib
import os
import stat
from pathlib import Path

import msgspec
import pygit2
from pygit2.enums import FileMode

from services.adapters.deletion import delete_folder
from services.adapters.git.ignores import Ignores, TooManyRules
from services.adapters.git.names import MAX_PATH_CHARACTERS, is_git_folder, scope_matches
from services.adapters.git.repository import (
    find_commit,
    open_repository,
    shown,
    without_host_paths,
    write_commit,
)

MAX_FILES = 50_000
MAX_FILE_BYTES = 64 * 1024 * 1024

Version = tuple[int, pygit2.Oid]
"""A file's mode and blob."""


class FileChange(msgspec.Struct, frozen=True):
    """A file that was written; `size` in bytes."""

    path: str
    size: int


class Change(msgspec.Struct, frozen=True):
    """What a worktree changed; `commit` is its base commit if that is nothing."""

    commit: str
    created: list[FileChange]
    modified: list[FileChange]
    deleted: list[str]


class OutsideScope(Exception):
    """Files were changed that the path scope does not cover."""

    def __init__(self, files: list[str]) -> None:
        super().__init__(f"Changed outside the path scope: {', '.join(files[:20])}.")
        self.files = files


class RefusedFiles(Exception):
    """The worktree holds what cannot be committed."""

    def __init__(self, reason: str, files: list[str]) -> None:
        super().__init__(f"{reason}: {', '.join(files[:20])}." if files else f"{reason}.")
        self.files = files


@without_host_paths
def add_worktree(repo: Path, worktree: Path, commit: str) -> None:
    """Lay out `commit` in the folder `worktree`, linked to the repository with a detached HEAD.

    A folder or an entry left there by an earlier attempt is removed first.
    """
    remove_worktree(repo, worktree)
    opened = open_repository(repo)
    tree = find_commit(opened, commit).tree
    admin = _admin_folder(repo, worktree)
    admin.mkdir(parents=True)
    (admin / "HEAD").write_text(f"{commit}\n")
    (admin / "commondir").write_text("../..\n")
    (admin / "gitdir").write_text(f"{worktree.absolute()}/.git\n")
    worktree.mkdir(parents=True)
    (worktree / ".git").write_text(f"gitdir: {admin.absolute()}\n")
    _lay_out(tree, worktree)
    _write_index(admin, tree)


@without_host_paths
def remove_worktree(repo: Path, worktree: Path) -> None:
    """Remove the folder and the repository's entry for it, whatever is left of either."""
    delete_folder(worktree)
    delete_folder(_admin_folder(repo, worktree))


@without_host_paths
def commit_worktree(repo: Path, worktree: Path, message: str, path_scope: list[str]) -> Change:
    """Commit all that differs from the worktree's base commit; no branch moves.

    `.gitignore` files count as for git; executable bits and links are kept.

    Raises: OutsideScope if a change is not covered by the globs of `path_scope`, RefusedFiles for
    nested repositories, files that cannot be read, and files or trees beyond the limits.
    """
    opened = open_repository(_admin_folder(repo, worktree))
    base = find_commit(opened, (_admin_folder(repo, worktree) / "HEAD").read_text().strip())
    before = _flatten(base.tree)
    after = _Scan(opened, worktree, before).run()
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    if outside := [p for p in sorted(map(_show, changed)) if not scope_matches(p, path_scope)]:
        raise OutsideScope(outside)
    if not changed:
        return Change(str(base.id), [], [], [])
    commit = write_commit(opened, _write_tree(opened, after), [base.id], message)
    return _describe(opened, commit, before, after, sorted(changed))


def _describe(
    repo: pygit2.Repository,
    commit: str,
    before: dict[str, Version],
    after: dict[str, Version],
    changed: list[str],
) -> Change:
    written = [
        (path, FileChange(_show(path), _size(repo, after[path])))
        for path in changed
        if path in after
    ]
    return Change(
        commit,
        created=[change for path, change in written if path not in before],
        modified=[change for path, change in written if path in before],
        deleted=[_show(path) for path in changed if path not in after],
    )


def _size(repo: pygit2.Repository, version: Version) -> int:
    _, size = repo.odb.read_header(version[1])
    return int(size)


def _admin_folder(repo: Path, worktree: Path) -> Path:
    """Return the repository's own folder for a worktree.

    The digest keeps apart worktrees whose folders have the same name in different places.
    """
    digest = hashlib.sha256(os.fsencode(worktree.absolute())).hexdigest()[:8]
    return repo / "worktrees" / f"{worktree.name}-{digest}"


def _lay_out(tree: pygit2.Tree, folder: Path) -> None:
    """Write a tree's files below `folder`, a new and empty folder."""
    for item in tree:
        name = _name(item)
        target = folder / name
        if is_git_folder(name) or item.filemode == FileMode.COMMIT:
            raise RefusedFiles("Nested repositories cannot be laid out", [_show(name)])
        if isinstance(item, pygit2.Tree):
            target.mkdir()
            _lay_out(item, target)
        elif isinstance(item, pygit2.Blob) and item.filemode == FileMode.LINK:
            target.symlink_to(os.fsdecode(item.data))
        elif isinstance(item, pygit2.Blob):
            _write_file(target, item.data, executable=item.filemode == FileMode.BLOB_EXECUTABLE)


def _write_file(target: Path, content: bytes, *, executable: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o777 if executable else 0o666), "wb") as file:
        file.write(content)


def _write_index(admin: Path, tree: pygit2.Tree) -> None:
    """Give git clients an index, or `git status` would show every file as deleted."""
    index = pygit2.Index(str(admin / "index"))
    index.read_tree(tree)
    index.write()


def _flatten(tree: pygit2.Tree, folder: str = "") -> dict[str, Version]:
    """List a tree's files by full path."""
    files: dict[str, Version] = {}
    for item in tree:
        path = folder + _name(item)
        if isinstance(item, pygit2.Tree):
            files |= _flatten(item, path + "/")
        else:
            files[path] = (item.filemode, item.id)
    return files


def _write_tree(repo: pygit2.Repository, files: dict[str, Version]) -> pygit2.Oid:
    index = pygit2.Index()
    for path, (mode, blob) in files.items():
        index.add(pygit2.IndexEntry(path, blob, FileMode(mode)))
    return index.write_tree(repo)


class _Scan:
    """One pass over a worktree's files, without recursion: folders may be nested at will."""

    def __init__(self, repo: pygit2.Repository, top: Path, before: dict[str, Version]) -> None:
        self.repo = repo
        self.top = top
        self.before = before
        self.tracked_folders = {parent for path in before for parent in _parents(path)}
        self.found: dict[str, Version] = {}
        self.pending: list[tuple[str, Ignores | None]] = [("", Ignores())]

    def run(self) -> dict[str, Version]:
        """Store every file that git would track and return them by path."""
        while self.pending:
            self._read_folder(*self.pending.pop())
        return self.found

    def _read_folder(self, folder: str, above: Ignores | None) -> None:
        """Take what is in a folder; `above` is None inside an ignored one."""
        try:
            ignores = above.enter(self.top, folder) if above else None
            with os.scandir(self.top / folder) as entries:
                for entry in entries:
                    self._take(folder, entry, ignores)
        except TooManyRules as error:
            raise RefusedFiles("Too many .gitignore patterns", [_brief(folder)]) from error
        except OSError as error:
            raise RefusedFiles("A folder cannot be read", [_brief(folder)]) from error

    def _take(self, folder: str, entry: "os.DirEntry[str]", ignores: Ignores | None) -> None:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if path == ".git":  # the link to the repository, whatever became of it
            return
        self._refuse(path, entry.name)
        is_folder = entry.is_dir(follow_symlinks=False)
        ignored = ignores is None or ignores.covers(path, is_folder=is_folder)
        if is_folder and (not ignored or path in self.tracked_folders):
            self.pending.append((path, None if ignored else ignores))
        elif not is_folder and (not ignored or path in self.before):
            self._store(path, entry)

    def _refuse(self, path: str, name: str) -> None:
        """Raises: RefusedFiles for a path that git, a file system or the limits do not allow."""
        if is_git_folder(name):
            raise RefusedFiles("Nested repositories cannot be committed", [_brief(path)])
        if len(path) > MAX_PATH_CHARACTERS:
            raise RefusedFiles("A path is too long", [_brief(path)])
        if len(self.found) >= MAX_FILES:
            raise RefusedFiles(f"A worktree has at most {MAX_FILES} files", [])

    def _store(self, path: str, entry: "os.DirEntry[str]") -> None:
        """Store a link or a regular file; git knows no other kinds."""
        if entry.is_symlink():
            # Path.readlink would tidy up the target.
            target = os.fsencode(os.readlink(entry.path))  # noqa: PTH115
            self.found[path] = (FileMode.LINK, self.repo.create_blob(target))
        elif entry.is_file(follow_symlinks=False):
            mode, content = _read_file(entry.path, path)
            known = self.before.get(path)
            same = known is not None and known[1] == pygit2.hash(content)
            blob = known[1] if known and same else self.repo.create_blob(content)
            self.found[path] = (mode, blob)


def _read_file(full_path: str, path: str) -> tuple[int, bytes]:
    """Read a regular file and its mode; it may not have become a link or pipe in the meantime."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with os.fdopen(os.open(full_path, flags), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_FILE_BYTES:
                raise RefusedFiles("A file is too large to be committed", [_brief(path)])
            mode = FileMode.BLOB_EXECUTABLE if facts.st_mode & stat.S_IXUSR else FileMode.BLOB
            return mode, file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise RefusedFiles("A file cannot be read", [_brief(path)]) from error


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _name(item: pygit2.Object) -> str:
    """Return an entry's name as the file system has it; bytes that are not UTF-8 survive."""
    return os.fsdecode(item.raw_name or b"")


def _show(path: str) -> str:
    return shown(os.fsencode(path))


def _brief(path: str) -> str:
    """Show a path inside the worktree, cut to what a message can hold."""
    return _show(path)[:200] or "."
