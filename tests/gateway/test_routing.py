"""The matcher, by itself; the walks of the contract try it over HTTP."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.gateway.routing import Matcher, PathUnclear, segments_of

TEMPLATES = [
    "/v1/projects",
    "/v1/projects/mine",
    "/v1/projects/{id}",
    "/v1/projects/{id}:run",
    "/v1/projects/{id}/runs/{run}",
    "/v1/projects/mine/files/{path}",
    "/v1/projects/{id}/files/{path}",
]


def asked(path: str) -> dict[str, Any]:
    """What is known of a request to a path, as it stands on the wire."""
    return {"path": unquote(path), "raw_path": path.encode()}


@pytest.fixture
def matcher() -> Matcher:
    """A matcher whose operations are named by their templates."""
    made = Matcher()
    for template in TEMPLATES:
        made.add(template, "GET", {"operation_id": template})
    return made


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/v1/projects", "/v1/projects", {}),
        ("/v1/projects/a", "/v1/projects/{id}", {"id": "a"}),
        ("/v1/projects/mine", "/v1/projects/mine", {}),
        ("/v1/projects/a:run", "/v1/projects/{id}:run", {"id": "a"}),
        ("/v1/projects/a:b:run", "/v1/projects/{id}:run", {"id": "a:b"}),
        ("/v1/projects/mine/runs/b", "/v1/projects/{id}/runs/{run}", {"id": "mine", "run": "b"}),
        ("/v1/projects/mine/files/b", "/v1/projects/mine/files/{path}", {"path": "b"}),
        ("/v1/projects/a/files/b/c", "/v1/projects/{id}/files/{path}", {"id": "a", "path": "b/c"}),
        ("/v1/projects/a/files/", "/v1/projects/{id}/files/{path}", {"id": "a", "path": ""}),
    ],
)
def test_a_path_is_found_with_its_values(
    matcher: Matcher, path: str, template: str, values: dict[str, str]
) -> None:
    found = matcher.find(asked(path))
    assert found is not None
    route, given_values = found
    assert route.operations["GET"] == {"operation_id": template}
    assert given_values == values


@pytest.mark.parametrize(("path", "there"), [("/v1/%70rojects", True), ("/v1%2Fprojects", False)])
def test_a_fixed_path_that_is_written_otherwise_is_found_by_its_segments(
    matcher: Matcher, path: str, there: bool
) -> None:
    assert (matcher.find(asked(path)) is not None) is there


@pytest.mark.parametrize(
    ("raw_path", "segments"),
    [
        (b"/v1/a%20b", ["", "v1", "a b"]),
        (b"/v1%2Fa", ["", "v1/a"]),
        (b"/v1/%2e%2E%2f", ["", "v1", "../"]),
        (b"/v1/100%252F", ["", "v1", "100%2F"]),
    ],
)
def test_an_encoded_slash_parts_no_segments(raw_path: bytes, segments: list[str]) -> None:
    scope = {"path": unquote(raw_path.decode()), "raw_path": raw_path}
    assert segments_of(scope) == segments


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v1/projects/",
        "/v1//projects",
        "/v1/projects/a/runs",
        "/v1/projects/a/runs/",
        "/v1/projects/a:stop",
        "/v1/projects/:run",
        "/V1/projects",
        "v1/projects",
    ],
)
def test_another_path_is_not_found(matcher: Matcher, path: str) -> None:
    assert matcher.find(asked(path)) is None


@given(st.lists(st.sampled_from(["v1", "projects", "mine", "a", "files", "", ":run"])))
def test_the_order_of_registration_does_not_matter(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    answers = []
    for templates in (TEMPLATES, TEMPLATES[::-1]):
        made = Matcher()
        for template in templates:
            made.add(template, "GET", {"operation_id": template})
        found = made.find(asked(path))
        answers.append(found and (found[0].operations, found[1]))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("template", ["/v1/projects/{other}", "/v1/{id}.json", "/v1/a{id}"])
def test_a_template_that_cannot_be_told_apart_is_refused(matcher: Matcher, template: str) -> None:
    with pytest.raises(PathUnclear):
        matcher.add(template, "GET", {"operation_id": "other"})


def test_allow_names_every_method(matcher: Matcher) -> None:
    matcher.add("/v1/projects", "POST", {"operation_id": "other"})
    found = matcher.find(asked("/v1/projects"))
    assert found is not None
    assert found[0].allow == "GET, HEAD, OPTIONS, POST"
