"""Names from outside: refs, paths and the globs of path scopes."""

from pathlib import Path

import pytest

from services.adapters import git

BAD_REFS = [
    "-x",
    "--upload-pack=x",
    "../x",
    "a..b",
    "a@{1}",
    "@",
    "a\\b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.lock",
    "a.lock/b",
    "a.",
]
BAD_REFS += ["", "a b", "a\0", "\ud800", "\x7f", "a" * 256]
BAD_PATHS = [
    ".",
    "..",
    "a/../b",
    "a/./b",
    "/a",
    "a/",
    "a//b",
    "a\\b",
    ".git",
    ".GIT/config",
    "a/.git/x",
    ".git.",
    ".git::$INDEX_ALLOCATION",
    "GIT~1",
]
BAD_PATHS += ["", ".git ", "a\0", "a\nb", "\ud800", ".g\u200cit", "x" * 1025]
COVERED = """
    a.txt      a.txt
    src/a.py   src/*.py
    src/a/b.py src/**
    a.py       **/*.py
    x/y/a.py   **/*.py
    a/z        a/**/z
    a/b/c/z    a/**/z
    any/thing  **
    a1         a?
    ab         a[bc]
    src/.x     src/*
    a[id].js   a[[]id].js
"""
NOT_COVERED = """
    src/a/b.py src/*.py
    src        src/**
    srcx/a     src/**
    a/b        a
    b          a
    a/b        *
    A.txt      a.txt
    a          a/**/a
    x/a.pyc    **/*.py
"""


def pairs(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repos" / "proj_1.git"
    git.ensure_repository(path)
    return path


@pytest.mark.parametrize("ref", BAD_REFS)
def test_a_ref_that_git_would_refuse_is_refused(repo: Path, ref: str) -> None:
    assert git.ref_problem(ref)
    assert git.resolve(repo, ref) is None


@pytest.mark.parametrize("ref", ["main", "feat/task-001", "v1.0", "ü", "a@b", "a-b", "x" * 255])
def test_a_ref_that_git_allows_is_allowed(ref: str) -> None:
    assert git.ref_problem(ref) is None


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_could_leave_the_tree_is_refused(repo: Path, path: str) -> None:
    assert git.path_problem(path)
    assert git.read_blob(repo, git.root(repo), path, 9) is None


@pytest.mark.parametrize("path", ["a", "a/b.txt", ".gitignore", ".github/x", "...", "ü/字", "a b"])
def test_a_plain_path_is_allowed(path: str) -> None:
    assert git.path_problem(path) is None


@pytest.mark.parametrize(("path", "glob"), pairs(COVERED))
def test_a_scope_covers_a_path(path: str, glob: str) -> None:
    assert git.scope_matches(path, ["nothing", glob])


@pytest.mark.parametrize(("path", "glob"), pairs(NOT_COVERED))
def test_a_scope_does_not_cover_a_path(path: str, glob: str) -> None:
    assert not git.scope_matches(path, [glob])


def test_a_scope_made_of_many_wildcards_is_matched_in_no_time() -> None:
    path = "/".join(["a" * 30] * 30)
    assert not git.scope_matches(path, ["**/" * 300 + "b", "*a" * 100 + "b", "a*" * 100])


@pytest.mark.parametrize("glob", ["", "/etc/**", "../**", "a/../b", "a\\b", "a\0", ".git/**"])
def test_an_unsafe_scope_is_refused(glob: str) -> None:
    assert git.scope_problem(glob)
