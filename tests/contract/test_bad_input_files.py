"""Refs and paths that lead out of the repository, and trees with what a build would never write."""

import base64
from pathlib import Path
from typing import Any

import pygit2
import pytest

from services.adapters import git
from tests.conftest import Live
from tests.contract import raw, seed
from tests.contract.seed import Tenant
from tests.contract.walk import BY_ID, ask, check, fields

Json = dict[str, Any]
BAD_REFS = [
    "--upload-pack=x", "-", "../x", "a/../b", "..", ".", "@", "@{0}", "main@{0}", "main@{now}",
    "main~1", "main^", "main^{tree}", ":/fix", "main:README.md", "a b", "a\x00b", "a\nb", "a\x7fb",
    "a\x1b[31mb", "/main", "main/", "a//b", ".hidden", "a/.hidden", "a.lock", "a.lock/b", "a.",
    "a..b", "*", "a?", "[a]", "a\\b", "ext::sh -c id", "$(id) x", "a" * 256, "\u00e4" * 255,
]  # fmt: skip
MISSING_REFS = [
    "none", "refs/heads/none", "0" * 40, "f" * 40, "a" * 39, "abcdef", "a" * 255, "main.git",
    "config", "hooks/update", "objects", "FETCH_HEAD", "ssh-oProxyCommand", "a/" * 99 + "b", "{0}",
]  # fmt: skip
BAD_PATHS = {
    "parent": "../README.md",
    "parents": "../../../../../../etc/passwd",
    "encoded": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "encoded_slash": "..%2f..%2fetc%2fpasswd",
    "half_encoded": ".%2e/.%2e/etc/passwd",
    "in_the_middle": "a/../../etc/passwd",
    "backslash": "..%5C..%5Cetc%5Cpasswd",
    "absolute": "/etc/passwd",
    "encoded_absolute": "%2Fetc%2Fpasswd",
    "nul": "README.md%00.png",
    "control": "a%1Bb",
    "current": "./README.md",
    "empty_part": "a//b",
    "slash_at_the_end": "openapi.yaml/",
    "git": ".git/config",
    "git_below": "a/.git/config",
    "git_in_capitals": ".GIT/config",
    "git_with_dot": ".git./config",
    "git_short": "GIT~1/config",
    "git_stream": ".git::$INDEX_ALLOCATION/config",
    "git_zero_width": ".g%E2%80%8Cit/config",
    "4_kb": "a" * 4096,
    "4_kb_of_folders": "a/" * 2048 + "b",
    "nothing": "",
}
MISSING_PATHS = [
    "none", "none/none", "README.md/none", "%252e%252e%252fetc%252fpasswd", "config", "HEAD",
    "a" * 1024, "~root", "C:", "README.md ", "README.md.", "readme.MD", "%F0%9F%92%A9",
]  # fmt: skip
FILE, SYMLINK, GITLINK = 0o100644, 0o120000, 0o160000
ENTRIES = [
    (b"binary.bin", FILE, bytes(range(256))),
    (b"empty", FILE, b""),
    (b"nul.txt", FILE, b"a\x00b"),
    (b"latin1.txt", FILE, b"\xe4"),
    (b"page.html", FILE, b"<script>alert(1)</script>"),
    (b"large.txt", FILE, b"a" * (1024 * 1024 + 1)),
    (b"just.txt", FILE, b"\x01" * (1024 * 1024)),
    (b"escape", SYMLINK, b"../../../../../../etc/passwd"),
    (b"root", SYMLINK, b"/"),
    (b"self", SYMLINK, b"self"),
    (b"inside", SYMLINK, b"empty"),
    (b"name-\xff.txt", FILE, b"x"),
    (b"line\nbreak.txt", FILE, b"x"),
    (b"n" * 2000, FILE, b"x"),
]


def listing(mine: Tenant, **query: str) -> Any:
    """The answer of list_files to this query."""
    return ask(mine.http, BY_ID["list_files"], mine.ids, params=query)


def target(mine: Tenant, path: str) -> bytes:
    """The target of get_file, as it is sent."""
    return f"/projects/{mine.ids['projectId']}/files/{path}".encode()


@pytest.mark.parametrize("operation", ["list_files", "get_file"])
@pytest.mark.parametrize("ref", BAD_REFS)
def test_a_ref_that_cannot_be_is_named(mine: Tenant, operation: str, ref: str) -> None:
    answer = ask(mine.http, BY_ID[operation], mine.ids, params={"ref": ref})
    assert fields(answer) == ["/ref"]


@pytest.mark.parametrize("operation", ["list_files", "get_file"])
@pytest.mark.parametrize("ref", MISSING_REFS)
def test_a_ref_that_is_not_there_is_not_found(mine: Tenant, operation: str, ref: str) -> None:
    answer = ask(mine.http, BY_ID[operation], mine.ids, params={"ref": ref})
    assert answer.status_code == 404


@pytest.mark.parametrize("kind", BAD_PATHS)
def test_a_path_that_leads_out_is_a_bad_request(live: Live, mine: Tenant, kind: str) -> None:
    sent = raw.head(live, "GET", target(mine, BAD_PATHS[kind])).replace(
        live.key.encode(), mine.key.encode()
    )
    answer = raw.exchange(live, sent)
    assert raw.status(answer) == 400
    assert b'"field":"/path"' in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("path", [path for path in MISSING_PATHS if "%" not in path])
def test_a_folder_that_is_not_there_is_not_found(mine: Tenant, path: str) -> None:
    assert listing(mine, path=path).status_code == 404


@pytest.mark.parametrize("path", MISSING_PATHS)
def test_a_file_that_is_not_there_is_not_found(live: Live, mine: Tenant, path: str) -> None:
    answer = mine.http.get(target(mine, path).decode())
    check(answer)
    assert answer.status_code == 404


def test_the_longest_path_and_ref_fit_into_an_address(mine: Tenant) -> None:
    answer = listing(mine, path="\U0001f331" * 1024, ref="\U0001f331" * 63)
    assert answer.status_code == 404


@pytest.mark.parametrize("operation", ["list_files", "get_file"])
def test_an_address_beyond_that_is_too_long(mine: Tenant, operation: str) -> None:
    answer = ask(mine.http, BY_ID[operation], mine.ids, params={"ref": "a" * 17_000})
    assert answer.status_code == 414


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../",
        "a/..",
        "/../",
        ".git",
        "/.git/hooks",
        ".GIT",
        "a\\b",
        "a\x00",
        "a//b",
        "a" * 1025,
    ],
)
def test_a_folder_that_leads_out_is_named(mine: Tenant, path: str) -> None:
    assert fields(listing(mine, path=path)) == ["/path"]


@pytest.mark.parametrize("path", ["/", "//", "tests", "/tests", "tests/", "/tests/"])
def test_slashes_around_a_folder_do_not_matter(mine: Tenant, path: str) -> None:
    answer = listing(mine, path=path)
    assert answer.status_code == 200
    assert answer.json()["data"]["path"] == "/" + path.strip("/")


@pytest.fixture(scope="module")
def strange(live: Live, tenants: tuple[Tenant, Tenant]) -> str:
    """A branch of the completed project with links, binary files and strange names."""
    path = live.data_dir / "repos" / f"{tenants[0].ids['projectId']}.git"
    commit = commit_tree(path)
    git.set_ref(path, "refs/heads/strange", commit, expected=None)
    long_name = "refs/tags/of/" + "long/" * 60 + "name"
    pygit2.Repository(str(path)).references.create(long_name, commit)
    return "strange"


def commit_tree(path: Path) -> str:
    """A commit of a tree that no build would write."""
    repository = pygit2.Repository(str(path))
    entries = [
        (name, mode, bytes(repository.create_blob(content).raw)) for name, mode, content in ENTRIES
    ]
    entries.append((b"module", GITLINK, bytes.fromhex("4b825dc642cb6eb9a060e54bf8d69288fbee4904")))
    tree = b"".join(b"%o %s\0%s" % (mode, name, sha) for name, mode, sha in sorted(entries))
    tree_id = repository.write(pygit2.enums.ObjectType.TREE, tree)
    author = pygit2.Signature("Someone", "someone@example.com", 1, 0)
    return str(repository.create_commit(None, author, author, "Strange", tree_id, []))


def read(mine: Tenant, strange: str, path: str) -> Any:
    """The answer of get_file on the strange branch."""
    return ask(mine.http, BY_ID["get_file"], mine.ids | {"path": path}, params={"ref": strange})


def test_a_tree_with_strange_entries_is_listed(mine: Tenant, strange: str) -> None:
    answer = listing(mine, ref=strange)
    assert answer.status_code == 200
    types = {entry["name"]: entry["type"] for entry in answer.json()["data"]["entries"]}
    assert types["escape"] == types["root"] == types["self"] == "symlink"
    assert types["binary.bin"] == "file"
    assert types["n" * 1024] == "file"


@pytest.mark.parametrize(
    ("name", "points_to"),
    [("escape", "../../../../../../etc/passwd"), ("root", "/"), ("self", "self")],
)
def test_a_link_is_shown_and_never_followed(
    mine: Tenant, strange: str, name: str, points_to: str
) -> None:
    data = read(mine, strange, name).json()["data"]
    assert (data["type"], data["content"]) == ("symlink", points_to)


@pytest.mark.parametrize("path", ["root/etc/passwd", "escape/x", "self/self", "module/x", "module"])
def test_nothing_is_found_behind_a_link(mine: Tenant, strange: str, path: str) -> None:
    assert read(mine, strange, path).status_code == 404


@pytest.mark.parametrize("folder", ["root", "root/etc", "escape", "module", "empty"])
def test_what_is_no_folder_is_not_listed(mine: Tenant, strange: str, folder: str) -> None:
    assert listing(mine, ref=strange, path=folder).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("binary.bin", bytes(range(256))), ("nul.txt", b"a\x00b"), ("latin1.txt", b"\xe4")],
)
def test_a_binary_file_is_base64(mine: Tenant, strange: str, name: str, content: bytes) -> None:
    data = read(mine, strange, name).json()["data"]
    assert data["encoding"] == "base64"
    assert base64.b64decode(data["content"]) == content


def test_a_page_is_no_page_of_ours(mine: Tenant, strange: str) -> None:
    answer = read(mine, strange, "page.html")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_empty_file_has_an_empty_content(mine: Tenant, strange: str) -> None:
    assert read(mine, strange, "empty").json()["data"]["content"] == ""


def test_a_file_over_1_mib_is_too_large(mine: Tenant, strange: str) -> None:
    assert read(mine, strange, "large.txt").status_code == 413


def test_a_file_of_1_mib_is_shown_whatever_is_in_it(mine: Tenant, strange: str) -> None:
    assert read(mine, strange, "just.txt").json()["data"]["size"] == 1024 * 1024


def test_a_ref_that_no_request_can_name_is_not_listed(mine: Tenant, strange: str) -> None:
    answer = ask(mine.http, BY_ID["list_refs"], mine.ids)
    names = [ref["name"] for ref in answer.json()["data"]]
    assert names[0] == "main"
    assert strange in names
    assert max(map(len, names)) <= 255


def test_the_id_of_a_tree_or_a_file_is_no_commit(live: Live, mine: Tenant, strange: str) -> None:
    repository = pygit2.Repository(str(live.data_dir / "repos" / f"{mine.ids['projectId']}.git"))
    tree = repository.revparse_single("strange^{tree}")
    for entry in (tree, tree / "empty"):  # type: ignore[operator]
        assert listing(mine, ref=str(entry.id)).status_code == 404


def test_a_folder_in_the_place_of_a_repository_is_no_repository(live: Live, mine: Tenant) -> None:
    project_id = seed.project_in(mine, "draft", "Broken repository")
    (live.data_dir / "repos" / f"{project_id}.git").mkdir(parents=True)
    for name in ("list_refs", "list_files", "get_file"):
        answer = ask(mine.http, BY_ID[name], mine.ids | {"projectId": project_id})
        assert answer.status_code in (200, 404, 503)
