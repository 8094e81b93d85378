"""Archives of a commit: complete, repeatable, and safe to unpack."""

import hashlib
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pygit2
import pytest
from pygit2.enums import ObjectType

from services.adapters import git
from services.adapters.archives import Archive, write_archive

Kind = Literal["zip", "tar.gz"]
KINDS: list[Kind] = ["zip", "tar.gz"]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "proj_1.git"
    git.ensure_repository(path)
    return path


@pytest.fixture
def commit(repo: Path) -> str:
    files = {"README.md": b"# App\n", "scripts/test": b"#!/bin/sh\nexit 0\n", "b.bin": b"\0\xff"}
    parent = [git.root(repo)]
    return git.commit_files(repo, parent, files, "App", executable={"scripts/test"})


def commit_links(repo: Path, tmp_path: Path, links: dict[str, str]) -> str:
    """Commit one plain file `d/file` and the links."""
    base = git.commit_files(repo, [git.root(repo)], {"d/file": b"x"}, "Base")
    worktree = tmp_path / "wt"
    git.add_worktree(repo, worktree, base)
    for path, target in links.items():
        (worktree / path).parent.mkdir(parents=True, exist_ok=True)
        (worktree / path).symlink_to(target)
    return git.commit_worktree(repo, worktree, "Link", ["**"]).commit


def write(repo: Path, commit: str, target: Path, kind: Kind) -> Archive:
    return write_archive(repo, commit, target, kind, "app")


def unpack(archive: Path, into: Path) -> None:
    """Unpack as a user would, keeping modes."""
    into.mkdir()
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
        return
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            path = Path(zipped.extract(info, into))
            path.chmod(stat.S_IMODE(info.external_attr >> 16))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unpacked_archive_has_the_commits_files(
    repo: Path, commit: str, tmp_path: Path, kind: Kind
) -> None:
    target = tmp_path / f"app.{kind}"
    write(repo, commit, target, kind)
    unpack(target, tmp_path / "out")
    top = tmp_path / "out" / "app"
    assert (top / "README.md").read_bytes() == b"# App\n"
    assert (top / "b.bin").read_bytes() == b"\0\xff"
    assert os.access(top / "scripts/test", os.X_OK)
    assert subprocess.run([top / "scripts/test"]).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_describes_the_archive(
    repo: Path, commit: str, tmp_path: Path, kind: Kind
) -> None:
    target = tmp_path / "app"
    content = write(repo, commit, target, kind), target.read_bytes()
    digest = hashlib.sha256(content[1]).hexdigest()
    assert content[0] == Archive(len(content[1]), digest, files=3, left_out=[])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_commit_gives_the_same_bytes(
    repo: Path, commit: str, tmp_path: Path, kind: Kind
) -> None:
    first = write(repo, commit, tmp_path / "one", kind)
    os.utime(repo, (0, 0))
    assert write(repo, commit, tmp_path / "another-name", kind) == first


@pytest.mark.parametrize("kind", KINDS)
def test_links_inside_the_tree_stay_links(repo: Path, tmp_path: Path, kind: Kind) -> None:
    sha = commit_links(repo, tmp_path, {"link": "d/file", "e/up": "../d", "dangling": "later"})
    archive = write(repo, sha, tmp_path / "a", kind)
    assert (archive.files, archive.left_out) == (4, [])
    if kind == "zip":
        with zipfile.ZipFile(tmp_path / "a") as zipped:
            assert stat.S_ISLNK(zipped.getinfo("app/e/up").external_attr >> 16)
            assert zipped.read("app/e/up") == b"../d"
    else:
        with tarfile.open(tmp_path / "a") as tar:
            assert tar.getmember("app/e/up").linkname == "../d"


OUTSIDE = {
    "absolute": "/etc/passwd",
    "up": "../x",
    "d/up": "../../x",
    "loop": "loop",
    "two": "one",
    "one": "two",
    "via": "d/root/../..",
    "d/root": "../d/../.",
    "windows": "..\\x",
    "through": "absolute/x",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("link", [link for link in OUTSIDE if link != "d/root"])
def test_a_link_that_leads_outside_is_left_out_and_named(
    repo: Path, tmp_path: Path, kind: Kind, link: str
) -> None:
    sha = commit_links(repo, tmp_path, OUTSIDE)
    archive = write(repo, sha, tmp_path / "a", kind)
    assert link in archive.left_out
    assert "d/root" not in archive.left_out
    unpack(tmp_path / "a", tmp_path / "out")
    assert not os.path.lexists(tmp_path / "out/app" / link)


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_could_be_read_as_another_path_are_left_out(
    repo: Path, tmp_path: Path, kind: Kind
) -> None:
    opened = pygit2.Repository(str(repo))
    blob = opened.create_blob(b"x").raw
    names = [b"..", b"..\\up", b".git", b"a\nb", b"good"]
    tree = opened.write(ObjectType.TREE, b"".join(b"100644 " + n + b"\0" + blob for n in names))
    author = pygit2.Signature("a", "a@b.c")
    sha = str(opened.create_commit(None, author, author, "Evil", tree, []))
    archive = write(repo, sha, tmp_path / "a", kind)
    assert archive.left_out == ["..", "..\\up", ".git", "a\nb"]
    assert archive.files == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_commit_gives_an_empty_folder(repo: Path, tmp_path: Path, kind: Kind) -> None:
    assert write(repo, git.root(repo), tmp_path / "a", kind).files == 0
    unpack(tmp_path / "a", tmp_path / "out")
    assert list((tmp_path / "out/app").iterdir()) == []


@pytest.mark.parametrize("folder", ["", "..", "a/b", "/a", ".git", "a\0"])
def test_a_top_level_folder_that_is_no_plain_name_is_refused(
    repo: Path, commit: str, tmp_path: Path, folder: str
) -> None:
    with pytest.raises(ValueError, match="plain name"):
        write_archive(repo, commit, tmp_path / "a", "zip", folder)


def test_a_failed_archive_leaves_no_file_behind(repo: Path, tmp_path: Path) -> None:
    sha = git.commit_files(repo, [git.root(repo)], {"a": b"lost"}, "Lose")
    blob = str(pygit2.Repository(str(repo))[sha].peel(pygit2.Tree)["a"].id)
    (repo / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(git.GitFailure) as caught:
        write(repo, sha, tmp_path / "out" / "a.zip", "zip")
    assert str(tmp_path) not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_leaves_no_file_behind(repo: Path, tmp_path: Path) -> None:
    sha = git.commit_files(repo, [git.root(repo)], {"a": os.urandom(300_000)}, "Big")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from services.adapters import git\n"
        "from services.adapters.archives import write_archive\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "repo, sha, target = sys.argv[1:]\n"
        "try: write_archive(Path(repo), sha, Path(target), 'zip', 'a')\n"
        "except git.GitFailure as error: print(error)"
    )
    command = [sys.executable, "-c", code, repo, sha, tmp_path / "out" / "a.zip"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "The repository's disk failed: File too large.\n", done.stderr
    assert list((tmp_path / "out").iterdir()) == []
