"""Git: bare repositories, merges, refs and reading, on real repositories and real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ObjectType

from services.adapters import git
from tests.needs import needs_git


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repos" / "proj_1.git"
    git.ensure_repository(path)
    return path


def commit(repo: Path, files: dict[str, bytes], parent: str | None = None) -> str:
    return git.commit_files(repo, [parent or git.root(repo)], files, "Change files")


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], text=True, stdout=subprocess.PIPE
    )


def test_a_new_repository_is_bare_and_main_holds_an_empty_root_commit(repo: Path) -> None:
    opened = pygit2.Repository(str(repo))
    assert opened.is_bare
    assert (repo / "HEAD").read_text() == "ref: refs/heads/main\n"
    assert git.resolve(repo, "main") == git.root(repo)
    assert git.list_tree(repo, git.root(repo), "") == []


def test_the_root_commit_is_the_same_in_every_repository(repo: Path, tmp_path: Path) -> None:
    git.ensure_repository(tmp_path / "other.git")
    assert git.root(tmp_path / "other.git") == git.root(repo)


def test_processes_that_race_to_create_a_repository_all_succeed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from services.adapters import git\n"
        "for n in range(20):\n"
        "    path = Path(sys.argv[1]) / f'{n}.git'; git.ensure_repository(path)\n"
        "    print(git.resolve(path, 'main'))"
    )
    racers = [python(code, tmp_path) for _ in range(3)]
    outputs = [racer.communicate()[0] for racer in racers]
    assert all(racer.returncode == 0 for racer in racers)
    assert len(set("".join(outputs).split())) == 1


def test_a_repository_that_a_crash_left_half_made_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "half.git"
    pygit2.init_repository(str(path), bare=True)
    git.ensure_repository(path)
    assert git.resolve(path, "main") == git.root(path)


def test_creating_a_repository_again_keeps_its_commits(repo: Path) -> None:
    sha = commit(repo, {"a.txt": b"a"})
    git.set_ref(repo, "refs/heads/main", sha, expected=git.root(repo))
    git.ensure_repository(repo)
    assert git.resolve(repo, "main") == sha


def test_committed_files_lie_over_the_parents_tree(repo: Path) -> None:
    first = commit(repo, {"a.txt": b"a", "b/c.txt": b"c"})
    second = git.commit_files(repo, [first], {"a.txt": b"A"}, "More", executable={"a.txt"})
    assert git.read_blob(repo, second, "a.txt", 9) == git.Blob("file", b"A", 1, True)
    assert git.read_blob(repo, second, "b/c.txt", 9) == git.Blob("file", b"c", 1, False)
    assert git.resolve(repo, "main") == git.root(repo)


@pytest.mark.parametrize("path", ["../x", "/etc/x", ".git/config", "a//b", "a\\b", "a\0b"])
def test_a_commit_with_an_unsafe_path_is_refused(repo: Path, path: str) -> None:
    with pytest.raises(ValueError, match=r"path|name"):
        commit(repo, {path: b""})


def test_branches_with_different_files_merge_in_order(repo: Path) -> None:
    one, two = commit(repo, {"one": b"1"}), commit(repo, {"two": b"2"})
    merged = git.merge(repo, git.root(repo), [one, two], "Merge")
    names = [entry.name for entry in git.list_tree(repo, merged, "") or []]
    assert names == ["one", "two"]
    assert git.resolve(repo, "main") == git.root(repo)


def test_a_merge_repeated_after_a_crash_gives_the_same_commit(repo: Path) -> None:
    branches = [commit(repo, {"one": b"1"}), commit(repo, {"two": b"2"})]
    merged = git.merge(repo, git.root(repo), branches, "Merge")
    assert git.merge(repo, git.root(repo), branches, "Merge") == merged


def test_a_branch_that_is_already_contained_is_skipped(repo: Path) -> None:
    one = commit(repo, {"one": b"1"})
    merged = git.merge(repo, git.root(repo), [one], "Merge")
    assert git.merge(repo, merged, [one, merged, git.root(repo)], "Merge") == merged


def test_a_branch_that_conflicts_names_the_files(repo: Path) -> None:
    base = commit(repo, {"same.txt": b"base\n", "other.txt": b"x"})
    one = commit(repo, {"same.txt": b"one\n", "new.txt": b"1"}, base)
    two = commit(repo, {"same.txt": b"two\n", "new.txt": b"2"}, base)
    git.set_ref(repo, "refs/heads/feat/two", two, expected=None)
    with pytest.raises(git.MergeConflict) as caught:
        git.merge(repo, base, [one, "feat/two"], "Merge")
    assert caught.value.files == ["new.txt", "same.txt"]
    assert caught.value.branch == "feat/two"


def test_a_conflict_between_binary_files_is_a_conflict(repo: Path) -> None:
    base = commit(repo, {"logo.png": b"\x89PNG\0base"})
    sides = [commit(repo, {"logo.png": b"\x89PNG\0" + side}, base) for side in (b"one", b"two")]
    with pytest.raises(git.MergeConflict) as caught:
        git.merge(repo, base, sides, "Merge")
    assert caught.value.files == ["logo.png"]


def test_a_build_is_adopted_whole_with_both_parents(repo: Path) -> None:
    main = commit(repo, {"old.txt": b"old"})
    build = commit(repo, {"new.txt": b"new"})
    adopted = git.adopt(repo, main, build, "Adopt run 1")
    assert [entry.name for entry in git.list_tree(repo, adopted, "") or []] == ["new.txt"]
    parents = pygit2.Repository(str(repo))[adopted].peel(pygit2.Commit).parent_ids
    assert [str(parent) for parent in parents] == [main, build]


def test_a_ref_moves_only_from_where_it_is_expected(repo: Path) -> None:
    one, two = commit(repo, {"a": b"1"}), commit(repo, {"a": b"2"})
    git.set_ref(repo, "refs/heads/main", one, expected=git.root(repo))
    with pytest.raises(git.RefMoved):
        git.set_ref(repo, "refs/heads/main", two, expected=git.root(repo))
    assert git.resolve(repo, "main") == one


def test_a_ref_that_must_be_new_is_created_once(repo: Path) -> None:
    git.set_ref(repo, "refs/tags/run-1", git.root(repo), expected=None)
    with pytest.raises(git.RefMoved):
        git.set_ref(repo, "refs/tags/run-1", git.root(repo), expected=None)


def test_a_ref_moves_without_condition_when_asked(repo: Path) -> None:
    sha = commit(repo, {"a": b"1"})
    git.set_ref(repo, "refs/heads/new", sha, expected=git.ANY)
    git.set_ref(repo, "refs/heads/new", git.root(repo), expected=git.ANY)
    assert git.resolve(repo, "new") == git.root(repo)


def test_a_ref_cannot_point_at_what_is_no_commit(repo: Path) -> None:
    with pytest.raises(git.GitFailure):
        git.set_ref(repo, "refs/heads/x", "0" * 39 + "1", expected=git.ANY)


def test_processes_that_race_for_a_ref_never_overwrite_each_other(repo: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from services.adapters import git\n"
        "repo, won = Path(sys.argv[1]), 0\n"
        "for n in range(40):\n"
        "    seen = git.resolve(repo, 'main')\n"
        "    sha = git.commit_files(repo, [seen], {sys.argv[2]: str(n).encode()}, 'Race')\n"
        "    try: git.set_ref(repo, 'refs/heads/main', sha, expected=seen); won += 1\n"
        "    except git.RefMoved: pass\n"
        "print(won)"
    )
    racers = [python(code, repo, name) for name in ("a", "b", "c")]
    won = sum(int(racer.communicate()[0]) for racer in racers)
    history = list(pygit2.Repository(str(repo)).walk(git.resolve(repo, "main")))
    assert len(history) == won + 1


def test_a_lock_left_by_a_killed_process_does_not_block_a_ref(repo: Path) -> None:
    lock = repo / "refs/heads/main.lock"
    lock.touch()
    with pytest.raises(git.GitFailure):
        git.set_ref(repo, "refs/heads/main", git.root(repo), expected=git.ANY)
    os.utime(lock, (0, 0))
    git.set_ref(repo, "refs/heads/main", git.root(repo), expected=git.ANY)
    assert not lock.exists()


def test_branches_tags_and_commit_ids_resolve(repo: Path) -> None:
    sha = commit(repo, {"a": b"1"})
    git.set_ref(repo, "refs/heads/feat/a", sha, expected=None)
    git.set_ref(repo, "refs/tags/run-1", sha, expected=None)
    refs = ["feat/a", "run-1", "refs/heads/feat/a", sha, sha[:7], sha.upper()]
    assert [git.resolve(repo, ref) for ref in refs] == [sha] * len(refs)


def test_an_annotated_tag_resolves_to_its_commit(repo: Path) -> None:
    opened = pygit2.Repository(str(repo))
    tagger = pygit2.Signature("a", "a@b.c")
    opened.create_tag("v1", pygit2.Oid(hex=git.root(repo)), ObjectType.COMMIT, tagger, "v1")
    assert git.resolve(repo, "v1") == git.root(repo)


def test_what_is_no_commit_resolves_to_nothing(repo: Path) -> None:
    opened = pygit2.Repository(str(repo))
    blob = str(opened.create_blob(b"not a commit"))
    opened.references.create("refs/tags/blob", blob)
    tree = str(opened[git.root(repo)].peel(pygit2.Commit).tree_id)
    refs = [blob, blob[:7], tree, "blob", "abc", "0" * 40, "missing", "HEAD~1", "main^{tree}"]
    assert [git.resolve(repo, ref) for ref in refs] == [None] * len(refs)


def test_refs_are_listed_with_main_first(repo: Path) -> None:
    for name in ("refs/heads/a", "refs/tags/run-1", "refs/heads/z/b"):
        git.set_ref(repo, name, git.root(repo), expected=None)
    pygit2.Repository(str(repo)).references.create("refs/notes/x", git.root(repo))
    listed = [(ref.kind, ref.name) for ref in git.list_refs(repo)]
    names = [("branch", "main"), ("branch", "a"), ("branch", "z/b"), ("tag", "run-1")]
    assert listed == names
    assert {ref.commit for ref in git.list_refs(repo)} == {git.root(repo)}


def test_a_folder_is_listed_with_directories_first(repo: Path) -> None:
    sha = commit(repo, {"b.txt": b"12", "a.txt": b"1", "z/x": b"", "c/y": b""})
    assert git.list_tree(repo, sha, "") == [
        git.Entry("c", "directory", None),
        git.Entry("z", "directory", None),
        git.Entry("a.txt", "file", 1),
        git.Entry("b.txt", "file", 2),
    ]
    assert git.list_tree(repo, sha, "z") == [git.Entry("x", "file", 0)]


def test_what_is_no_folder_has_no_listing(repo: Path) -> None:
    sha = commit(repo, {"a.txt": b"1"})
    listings = [git.list_tree(repo, sha, folder) for folder in ("a.txt", "missing", "a.txt/b")]
    assert listings == [None] * 3


def test_what_is_no_file_has_no_content(repo: Path) -> None:
    sha = commit(repo, {"d/a.txt": b"1"})
    contents = [git.read_blob(repo, sha, path, 9) for path in ("d", "missing", "d/a.txt/b")]
    assert contents == [None] * 3


def test_a_file_over_the_limit_is_refused_with_its_size(repo: Path) -> None:
    sha = commit(repo, {"big": b"x" * 100})
    with pytest.raises(git.TooLarge) as caught:
        git.read_blob(repo, sha, "big", 99)
    assert caught.value.size == 100


def test_a_symlink_is_shown_and_never_followed(repo: Path) -> None:
    opened = pygit2.Repository(str(repo))
    entry = b"120000 link\0" + opened.create_blob(b"/etc/passwd").raw
    tree = opened.write(ObjectType.TREE, entry)
    author = pygit2.Signature("a", "a@b.c")
    sha = str(opened.create_commit(None, author, author, "Link", tree, []))
    assert git.list_tree(repo, sha, "") == [git.Entry("link", "symlink", 11)]
    assert git.read_blob(repo, sha, "link", 99) == git.Blob("symlink", b"/etc/passwd", 11, False)
    assert git.read_blob(repo, sha, "link/x", 99) is None


def test_a_name_that_is_not_utf8_is_shown_and_can_be_read(repo: Path) -> None:
    opened = pygit2.Repository(str(repo))
    entry = b"100644 caf\xe9.txt\0" + opened.create_blob(b"latin").raw
    tree = opened.write(ObjectType.TREE, entry)
    author = pygit2.Signature("a", "a@b.c")
    sha = str(opened.create_commit(None, author, author, "Latin", tree, []))
    [listed] = git.list_tree(repo, sha, "") or []
    assert listed.name == "caf\ufffd.txt"
    assert git.read_blob(repo, sha, listed.name, 99) == git.Blob("file", b"latin", 5, False)


def test_a_failure_names_no_host_path(tmp_path: Path) -> None:
    with pytest.raises(git.GitFailure) as caught:
        git.list_refs(tmp_path / "missing.git")
    assert str(tmp_path) not in str(caught.value)


def test_a_data_folder_that_cannot_be_made_is_a_failure_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(git.GitFailure) as caught:
        git.ensure_repository(tmp_path / "file" / "x.git")
    assert str(tmp_path) not in str(caught.value)


@needs_git
def test_a_git_client_finds_the_repository_sound(repo: Path) -> None:
    branches = [commit(repo, {"one": b"1"}), commit(repo, {"a/two": b"2"})]
    merged = git.merge(repo, git.root(repo), branches, "Merge")
    git.set_ref(repo, "refs/heads/main", merged, expected=git.root(repo))
    checked = subprocess.run(
        ["git", "-C", repo, "fsck", "--strict"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    cloned = subprocess.run(["git", "clone", "-q", repo, repo.parent / "clone"])
    assert cloned.returncode == 0
    assert (repo.parent / "clone" / "a/two").read_bytes() == b"2"
