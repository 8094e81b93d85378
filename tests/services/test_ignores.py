"""`.gitignore` files: what git would leave out, whatever is written in them."""

import os
import subprocess
import time
from pathlib import Path

import pytest

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


def test_ignored_files_are_left_out_as_git_would(repo: Path, worktree: Path) -> None:
    (worktree / ".gitignore").write_text("*.log\nbuild/\n/top\n!keep.log\nkeep.txt\n")
    (worktree / "src/.gitignore").write_text("local.py\n")
    for path in ("a.log", "keep.log", "build/x", "src/build/y", "top", "src/top", "src/local.py"):
        (worktree / path).parent.mkdir(exist_ok=True)
        (worktree / path).touch()
    change = everything(repo, worktree)
    created = [file.path for file in change.created]
    assert created == [".gitignore", "keep.log", "src/.gitignore", "src/top"]
    assert change.deleted == []


def test_a_tracked_file_counts_although_it_is_ignored(repo: Path, worktree: Path) -> None:
    (worktree / ".gitignore").write_text("src/\n")
    (worktree / "src/a.py").write_text("changed\n")
    (worktree / "src/new.py").touch()
    change = everything(repo, worktree)
    assert [file.path for file in change.modified] == ["src/a.py"]
    assert [file.path for file in change.created] == [".gitignore"]


def test_ignore_files_that_are_no_plain_files_count_as_none(repo: Path, worktree: Path) -> None:
    (worktree / "src/.gitignore").symlink_to("/dev/zero")
    os.mkfifo(worktree / ".gitignore")
    change = everything(repo, worktree)
    assert [file.path for file in change.created] == ["src/.gitignore"]


SLOW = {
    "stars": "*a" * 400 + "b",
    "folders": "**/a/" * 40 + "b",
    "stars in folders": "/".join(["a*" * 20] * 30) + "/b",
    "sets": "[a-z]*" * 200 + "0",
    "all": "**/*a*" * 60 + "/zz",
}


@pytest.mark.parametrize("name", SLOW)
def test_ignore_patterns_made_to_be_slow_are_matched_in_time(
    repo: Path, worktree: Path, name: str
) -> None:
    (worktree / ".gitignore").write_text((SLOW[name] + "\n") * 20)
    deep = worktree.joinpath(*["a" * 20] * 40)
    deep.mkdir(parents=True)
    (deep / ("a" * 100)).touch()
    began = time.monotonic()
    everything(repo, worktree)
    assert time.monotonic() - began < 2


def test_ignore_files_without_end_are_refused(repo: Path, worktree: Path) -> None:
    (worktree / ".gitignore").write_text("x\n" * 501)
    with pytest.raises(git.RefusedFiles):
        everything(repo, worktree)


IGNORE_FILES = {
    ".gitignore": r"""
# a comment
*.log
!keep.log
/top
build/
doc/**/draft
deep/**
mid/*.txt
\#hash
\!bang
trailing\ 
[a-c].x
[^a-c].y
sp ace
**/any
!
/
a/b/
""",
    "src/.gitignore": "!again.log\n/here\nlocal\n",
}
CANDIDATES = """
    a.log keep.log top src/top build/x src/build/y build.txt doc/draft doc/a/draft doc/a/b/draft
    doc/draft.md deep/x deep/y/z mid/a.txt mid/b/a.txt #hash !bang a.x d.x a.y d.y any q/any/r
    a/b/c a/bc again.log src/again.log src/here src/q/here src/local src/q/local local plain
    q/build build2/build/x
"""


@needs_git
def test_ignore_files_mean_what_they_mean_to_git(repo: Path, worktree: Path) -> None:
    for path in [*CANDIDATES.split(), "sp ace", "trailing ", "trailing"]:
        (worktree / path).parent.mkdir(parents=True, exist_ok=True)
        (worktree / path).write_text("x")
    for path, text in IGNORE_FILES.items():
        (worktree / path).write_text(text)
    git_command = ["git", "-c", "safe.directory=*", "-c", "core.excludesFile=", "-C", str(worktree)]
    listed = subprocess.run(
        [*git_command, "ls-files", "-z", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    created = {file.path for file in everything(repo, worktree).created}
    assert created == set(listed.stdout.split("\0")) - {""}
