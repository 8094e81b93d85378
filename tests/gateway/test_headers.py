"""The headers that answers carry beside what they say."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.schemas import ContractBroken
from tests.conftest import Live
from tests.gateway.small import served

ENDING = {"deprecated": True, "x-deprecated": "2026-03-01", "x-sunset": "2027-03-01"}
STRICT = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.fixture(scope="module")
def small() -> Iterator[httpx.Client]:
    """A server with one operation that ends."""
    with served.client(served.contract(**ENDING)) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("OPTIONS", "/projects", 204),
        ("GET", "/health?x=1", 400),
        ("GET", "/projects", 401),
        ("GET", "/nowhere", 404),
        ("PUT", "/projects", 405),
    ],
)
def test_every_answer_tells_browsers_to_do_nothing_with_it(
    live: Live, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, live.url + path)
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in STRICT} == {
        name: [value] for name, value in STRICT.items()
    }


def test_a_stream_is_as_strict_and_says_itself_how_it_is_kept(small: httpx.Client) -> None:
    answer = small.get("/things/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = {name: answer.headers.get_list(name) for name in STRICT}
    assert found == {name: [value] for name, value in STRICT.items()} | {
        "cache-control": ["no-cache"]
    }


def test_transport_security_is_left_to_who_ends_tls(live: Live) -> None:
    assert "strict-transport-security" not in httpx.get(live.url + "/health").headers


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?wrong=1", 400)])
def test_an_operation_that_ends_says_since_when_and_until_when(
    small: httpx.Client, query: str, status: int
) -> None:
    answer = small.get("/old-things" + query)
    assert answer.status_code == status
    assert answer.headers["deprecation"] == "@1772323200"
    assert answer.headers["sunset"] == "Mon, 01 Mar 2027 00:00:00 GMT"


def test_an_operation_that_stays_says_nothing_of_an_end(small: httpx.Client) -> None:
    headers = small.get("/things").headers
    assert "deprecation" not in headers
    assert "sunset" not in headers


@pytest.mark.parametrize(
    "dates",
    [
        {},
        {"x-deprecated": "2026-03-01"},
        {"x-sunset": "2027-03-01"},
        {"x-deprecated": "2026-03-01", "x-sunset": "soon"},
        {"x-deprecated": "2027-03-01", "x-sunset": "2026-03-01"},
    ],
)
def test_an_end_without_its_dates_stops_the_start(dates: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken, match="get_old_thing"):
        served.composed(served.contract(deprecated=True, **dates))
