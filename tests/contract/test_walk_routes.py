"""Every path with every method, and paths that do not exist."""

import httpx
import pytest

from tests.conftest import Live
from tests.contract.seed import Tenant
from tests.contract.walk import CONTRACT, FIXED, METHODS, PATHS, UNKNOWN, check

NOWHERE = [
    "/unknown",
    "/project",
    "/projects/x/y",
    "/health/",
    "/healthx",
    "/x/health",
    "/openapi.yaml",
    "/ui/",
    "/admin",
    "/%00",
    "/" + "a" * 4096,
    "/" + "a/" * 1000,
]
ABOVE = ["//", "/v2/projects", "/projects", "/v1projects", "/docs", "/metrics", "/.git/config"]


def methods_of(path: str) -> set[str]:
    """The methods that the contract has at a path, and those that every path has."""
    given = {method.upper() for method in CONTRACT["paths"][path]}
    return given | ({"HEAD"} if "GET" in given else set()) | {"OPTIONS"}


def filled(path: str) -> str:
    """A path with ids that nobody has."""
    return path.format(**FIXED | UNKNOWN)


LACKING = [
    (path, method)
    for path in PATHS
    for method in sorted(METHODS | {"TRACE", "PROPFIND"})
    if method not in methods_of(path)
]


@pytest.mark.parametrize(("path", "method"), LACKING)
def test_a_method_that_a_path_lacks_is_answered_with_those_that_it_has(
    mine: Tenant, path: str, method: str
) -> None:
    answer = mine.http.request(method, filled(path))
    check(answer)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert set(answer.headers["allow"].split(", ")) == methods_of(path)


@pytest.mark.parametrize("path", PATHS)
def test_options_lists_the_methods_of_a_path(live: Live, path: str) -> None:
    answer = httpx.options(live.url + filled(path))
    check(answer)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == methods_of(path)


@pytest.mark.parametrize("path", [path for path in PATHS if "get" in CONTRACT["paths"][path]])
def test_head_answers_like_get_without_a_body(mine: Tenant, path: str) -> None:
    url = path.format(**FIXED | mine.ids)
    head, get = mine.http.head(url), mine.http.get(url)
    check(head)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers.get("content-type") == get.headers.get("content-type")


@pytest.mark.parametrize("path", [path for path in PATHS if "get" not in CONTRACT["paths"][path]])
def test_head_is_not_possible_where_get_is_not(mine: Tenant, path: str) -> None:
    answer = mine.http.head(filled(path))
    check(answer)
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("method", sorted(METHODS | {"HEAD", "OPTIONS"}))
@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_does_not_exist_is_not_found(mine: Tenant, path: str, method: str) -> None:
    answer = mine.http.request(method, path)
    check(answer)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ABOVE)
def test_nothing_is_served_beside_the_api(live: Live, mine: Tenant, path: str) -> None:
    root = live.url.removesuffix("/v1")
    answer = mine.http.get(root + path)
    check(answer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", PATHS)
def test_a_path_with_a_slash_at_its_end_is_not_found(mine: Tenant, path: str) -> None:
    answer = mine.http.get(filled(path) + "/")
    check(answer)
    # With a slash the path of the files is that of a file without a name.
    assert answer.status_code == (400 if path.endswith(("/files", "/{path}")) else 404)


def test_a_good_request_id_is_kept(mine: Tenant) -> None:
    answer = mine.http.get("/projects", headers={"X-Request-Id": "my-request-0001"})
    assert answer.headers["x-request-id"] == "my-request-0001"


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "with space 1", "<script>12", "ä" * 10])
def test_a_strange_request_id_is_replaced(mine: Tenant, given: str) -> None:
    headers = {b"X-Request-Id": given.encode("latin-1")}
    answer = mine.http.get("/unknown", headers=headers)
    check(answer)
    assert answer.headers["x-request-id"].startswith("req_")


def test_request_ids_differ(mine: Tenant) -> None:
    ids = {mine.http.get("/health").headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20
