"""Worktrees: files laid out for an agent and its changes taken back, however it behaved."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ObjectType

from services.adapters import git
from tests.needs import needs_git


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "proj_1.git"
    git.ensure_repository(path)
    return path


@pytest.fixture
def base(repo: Path) -> str:
    files = {"keep.txt": b"keep", "run.sh": b"#!/bin/sh\n", "src/a.py": b"a = 1\n"}
    return git.commit_files(repo, [git.root(repo)], files, "Base", executable={"run.sh"})


@pytest.fixture
def worktree(repo: Path, base: str, tmp_path: Path) -> Path:
    path = tmp_path / "wt" / "task-1"
    git.add_worktree(repo, path, base)
    return path


def everything(repo: Path, worktree: Path) -> git.Change:
    return git.commit_worktree(repo, worktree, "Do task 1", ["**"])


def names(repo: Path, commit: str, folder: str = "") -> list[str]:
    return [entry.name for entry in git.list_tree(repo, commit, folder) or []]


def test_a_worktree_holds_the_files_of_its_commit(worktree: Path) -> None:
    assert (worktree / "src/a.py").read_text() == "a = 1\n"
    assert os.access(worktree / "run.sh", os.X_OK)
    assert not os.access(worktree / "keep.txt", os.X_OK)


@needs_git
def test_a_git_client_sees_a_clean_linked_worktree(worktree: Path) -> None:
    command = ["git", "-c", "safe.directory=*", "-C", worktree, "status", "--porcelain"]
    seen = subprocess.run(command, capture_output=True, text=True)
    assert (seen.returncode, seen.stdout) == (0, ""), seen.stderr


def test_an_unchanged_worktree_gives_its_base_commit(repo: Path, worktree: Path, base: str) -> None:
    assert everything(repo, worktree) == git.Change(base, [], [], [])


def test_additions_changes_and_deletions_are_committed(repo: Path, worktree: Path) -> None:
    (worktree / "new").mkdir()
    (worktree / "new/b.bin").write_bytes(b"\0\xff\r\n")
    (worktree / "src/a.py").write_text("a = 22\n")
    (worktree / "keep.txt").unlink()
    change = everything(repo, worktree)
    assert change.created == [git.FileChange("new/b.bin", 4)]
    assert change.modified == [git.FileChange("src/a.py", 7)]
    assert change.deleted == ["keep.txt"]
    blob = git.read_blob(repo, change.commit, "new/b.bin", 9)
    assert blob is not None and blob.content == b"\0\xff\r\n"
    assert names(repo, change.commit) == ["new", "src", "run.sh"]


def test_no_branch_moves_when_a_worktree_is_committed(repo: Path, worktree: Path) -> None:
    (worktree / "x").touch()
    everything(repo, worktree)
    assert [ref.name for ref in git.list_refs(repo)] == ["main"]
    assert git.resolve(repo, "main") == git.root(repo)


def test_a_changed_executable_bit_is_a_change(repo: Path, worktree: Path) -> None:
    (worktree / "keep.txt").chmod(0o755)
    change = everything(repo, worktree)
    assert [file.path for file in change.modified] == ["keep.txt"]
    blob = git.read_blob(repo, change.commit, "keep.txt", 9)
    assert blob is not None and blob.executable


def test_a_file_that_becomes_a_folder_is_both_deleted_and_created(
    repo: Path, worktree: Path
) -> None:
    (worktree / "keep.txt").unlink()
    (worktree / "keep.txt").mkdir()
    (worktree / "keep.txt/inner").touch()
    change = everything(repo, worktree)
    assert change.deleted == ["keep.txt"]
    assert change.created == [git.FileChange("keep.txt/inner", 0)]


def test_changes_outside_the_scope_are_named(repo: Path, worktree: Path) -> None:
    (worktree / "src/b.py").touch()
    (worktree / "keep.txt").write_text("changed")
    (worktree / "run.sh").unlink()
    with pytest.raises(git.OutsideScope) as caught:
        git.commit_worktree(repo, worktree, "Do", ["src/**"])
    assert caught.value.files == ["keep.txt", "run.sh"]


def test_links_are_stored_as_links_and_never_followed(repo: Path, worktree: Path) -> None:
    (worktree / "secret").symlink_to("/etc/passwd")
    (worktree / "folder").symlink_to("/etc")
    (worktree / "loop").symlink_to("loop")
    (worktree / "up").symlink_to("./../up")
    change = everything(repo, worktree)
    paths = [file.path for file in change.created]
    assert paths == ["folder", "loop", "secret", "up"]
    kinds = {entry.kind for entry in git.list_tree(repo, change.commit, "") or []}
    assert kinds == {"directory", "file", "symlink"}
    blob = git.read_blob(repo, change.commit, "up", 99)
    assert blob is not None and blob.content == b"./../up"


def test_links_are_laid_out_as_links(repo: Path, worktree: Path, tmp_path: Path) -> None:
    (worktree / "folder").symlink_to("/etc")
    change = everything(repo, worktree)
    git.add_worktree(repo, tmp_path / "next", change.commit)
    assert (tmp_path / "next/folder").readlink() == Path("/etc")
    assert everything(repo, tmp_path / "next").commit == change.commit


def test_attributes_and_filters_of_the_worktree_do_not_run(repo: Path, worktree: Path) -> None:
    (worktree / ".gitattributes").write_text("* text eol=lf filter=evil ident\n")
    (worktree / "dos.txt").write_bytes(b"one\r\ntwo $Id$\r\n")
    blob = git.read_blob(repo, everything(repo, worktree).commit, "dos.txt", 99)
    assert blob is not None and blob.content == b"one\r\ntwo $Id$\r\n"


@pytest.mark.parametrize("content", ["gitdir: /tmp/elsewhere\n", "nonsense", ""])
def test_a_tampered_link_to_the_repository_is_ignored(
    repo: Path, worktree: Path, content: str
) -> None:
    (worktree / ".git").write_text(content)
    (worktree / "x").touch()
    assert [file.path for file in everything(repo, worktree).created] == ["x"]


def test_a_repository_put_in_place_of_the_link_is_ignored(repo: Path, worktree: Path) -> None:
    (worktree / ".git").unlink()
    git.ensure_repository(worktree / ".git")
    (worktree / "x").touch()
    assert [file.path for file in everything(repo, worktree).created] == ["x"]


@pytest.mark.parametrize("name", [".git", ".GIT", ".git.", "git~1"])
def test_a_nested_repository_is_refused(repo: Path, worktree: Path, name: str) -> None:
    (worktree / "src" / name).mkdir()
    with pytest.raises(git.RefusedFiles) as caught:
        everything(repo, worktree)
    assert caught.value.files == [f"src/{name}"]


def test_pipes_and_sockets_are_passed_over(repo: Path, worktree: Path, base: str) -> None:
    os.mkfifo(worktree / "pipe")
    assert everything(repo, worktree).commit == base


def test_names_that_are_not_utf8_survive_the_round_trip(
    repo: Path, worktree: Path, tmp_path: Path
) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (worktree / name).write_text("x")
    change = everything(repo, worktree)
    assert change.created == [git.FileChange("caf\ufffd.txt", 1)]
    git.add_worktree(repo, tmp_path / "next", change.commit)
    assert (tmp_path / "next" / name).read_text() == "x"


def test_a_file_beyond_the_limit_is_refused_unread(repo: Path, worktree: Path) -> None:
    with (worktree / "huge").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(git.RefusedFiles) as caught:
        everything(repo, worktree)
    assert caught.value.files == ["huge"]


def bury(folder: Path, depth: int) -> None:
    """Nest folders deeper than any path may be long."""
    code = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(int(sys.argv[2])):"
    code += "\n    os.mkdir('deep'); os.chdir('deep')\nopen('bottom', 'w').close()"
    subprocess.run([sys.executable, "-c", code, folder, str(depth)], check=True)


def test_folders_nested_without_end_are_refused_and_can_be_removed(
    repo: Path, worktree: Path
) -> None:
    bury(worktree, 3000)
    with pytest.raises(git.RefusedFiles):
        everything(repo, worktree)
    git.remove_worktree(repo, worktree)
    assert not worktree.exists()


def test_five_thousand_files_are_committed(repo: Path, worktree: Path, tmp_path: Path) -> None:
    (worktree / ".gitignore").write_text("*.pyc\n")
    for number in range(5000):
        path = worktree / f"many/{number % 50}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    change = everything(repo, worktree)
    assert len(change.created) == 5001
    git.add_worktree(repo, tmp_path / "next", change.commit)
    assert everything(repo, tmp_path / "next").commit == change.commit


def test_removing_a_worktree_leaves_nothing_and_may_be_repeated(repo: Path, worktree: Path) -> None:
    git.remove_worktree(repo, worktree)
    git.remove_worktree(repo, worktree)
    assert not worktree.exists()
    assert list((repo / "worktrees").iterdir()) == []


def test_a_worktree_with_read_only_folders_is_removed(repo: Path, worktree: Path) -> None:
    (worktree / "src/a.py").chmod(0)
    (worktree / "src").chmod(0o500)
    git.remove_worktree(repo, worktree)
    assert not worktree.exists()


def test_removing_a_worktree_does_not_follow_its_links(
    repo: Path, worktree: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (worktree / "link").symlink_to(tmp_path / "outside")
    git.remove_worktree(repo, worktree)
    assert (tmp_path / "outside/file").exists()


def test_a_worktree_is_made_anew_over_what_an_earlier_attempt_left(
    repo: Path, worktree: Path, base: str
) -> None:
    (worktree / "left-over").touch()
    (worktree / "keep.txt").unlink()
    git.add_worktree(repo, worktree, base)
    assert everything(repo, worktree).commit == base


def test_a_killed_process_leaves_nothing_that_blocks_the_next_attempt(
    repo: Path, base: str, tmp_path: Path
) -> None:
    many = {f"d{n % 40}/{n}": b"x" * 2000 for n in range(2000)}
    sha = git.commit_files(repo, [base], many, "Many")
    code = (
        "import sys; from pathlib import Path; from services.adapters import git\n"
        "print('ready', flush=True)\n"
        "git.add_worktree(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])"
    )
    worktree = tmp_path / "killed"
    for delay in (0.0, 0.02, 0.05, 0.1):
        child = subprocess.Popen(
            [sys.executable, "-c", code, repo, worktree, sha], stdout=subprocess.PIPE
        )
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    git.add_worktree(repo, worktree, sha)
    assert everything(repo, worktree).commit == sha


def test_worktrees_with_the_same_folder_name_do_not_share_an_entry(
    repo: Path, base: str, tmp_path: Path
) -> None:
    one, two = tmp_path / "run-1" / "api", tmp_path / "run-2" / "api"
    git.add_worktree(repo, one, base)
    git.add_worktree(repo, two, base)
    git.remove_worktree(repo, two)
    assert everything(repo, one).commit == base


def commit_raw(repo: Path, *entries: tuple[str, bytes, bytes]) -> str:
    """Commit a tree that libgit2 would not write: (mode, name, content) in this order."""
    opened = pygit2.Repository(str(repo))
    raw = b"".join(
        mode.encode() + b" " + name + b"\0" + opened.create_blob(content).raw
        for mode, name, content in entries
    )
    tree = opened.write(ObjectType.TREE, raw)
    author = pygit2.Signature("a", "a@b.c")
    return str(opened.create_commit(None, author, author, "Evil", tree, []))


def test_a_foreign_commit_with_a_git_folder_is_not_laid_out(repo: Path, tmp_path: Path) -> None:
    sha = commit_raw(repo, ("100644", b".GIT", b"gitdir: /tmp/x"))
    with pytest.raises(git.RefusedFiles):
        git.add_worktree(repo, tmp_path / "evil", sha)


def test_a_foreign_commit_cannot_write_through_its_own_link(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    link = ("120000", b"a", os.fsencode(outside))
    sha = commit_raw(repo, link, ("100644", b"a", b"overwritten"))
    with pytest.raises(git.GitFailure):
        git.add_worktree(repo, tmp_path / "evil", sha)
    assert outside.read_text() == "kept"
