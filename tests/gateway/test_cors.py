"""Pages of other origins: nobody by default, and those that a setting names."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from handlers.gateway.app import create_app
from services.settings import Origins, Settings, SettingsInvalid, load
from tests.gateway.defects.served import served as serving
from tests.gateway.small import served

OURS, OTHER = "https://app.example.com", "http://localhost:5173"
PREFLIGHT = {
    "Access-Control-Request-Method": "DELETE",
    "Access-Control-Request-Headers": "authorization, content-type, x-request-id",
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A server whose API two origins may call."""
    with served.client(served.contract(), (OURS, OTHER)) as made:
        yield made


def ask(client: httpx.Client, method: str, path: str, origin: str, **more: str) -> httpx.Response:
    """A request from a page of this origin."""
    return client.request(method, path, headers={"Origin": origin} | more)


def granted(answer: httpx.Response) -> dict[str, str]:
    """What an answer allows pages of other origins."""
    return {k: v for k, v in answer.headers.items() if k.startswith("access-control-allow")}


@pytest.mark.parametrize("origin", [OURS, OTHER])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/things", 200),
        ("HEAD", "/things", 200),
        ("GET", "/things/stream", 200),
        ("GET", "/old-things?wrong=1", 400),
        ("DELETE", "/things", 403),
        ("GET", "/nowhere", 404),
        ("POST", "/things", 405),
    ],
)
def test_a_page_of_an_origin_that_is_named_may_read_every_answer(
    client: httpx.Client, method: str, path: str, status: int, origin: str
) -> None:
    answer = ask(client, method, path, origin)
    assert answer.status_code == status
    assert granted(answer) == {"access-control-allow-origin": origin}
    assert answer.headers["vary"] == "Origin"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"X-Request-Id", "ETag", "Location", "Retry-After", "traceparent"} <= set(exposed)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "https://app.example.com.evil.example",
        "https://app.example.com:8443",
        "http://app.example.com",
        "HTTPS://APP.EXAMPLE.COM",
        "",
    ],
)
def test_a_page_of_any_other_origin_may_read_nothing(client: httpx.Client, origin: str) -> None:
    answer = ask(client, "GET", "/things", origin)
    assert (answer.status_code, granted(answer)) == (200, {})
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("path", ["/things", "/old-things", "/nowhere"])
def test_a_preflight_is_answered_on_every_path(client: httpx.Client, path: str) -> None:
    answer = ask(client, "OPTIONS", path, OURS, **PREFLIGHT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("origin", "changed", "what"),
    [
        ("https://evil.example", {}, "origin"),
        ("null", {}, "origin"),
        (OURS, {"Access-Control-Request-Method": "TRACE"}, "method"),
        (OURS, {"Access-Control-Request-Headers": "x-strange"}, "headers"),
    ],
)
def test_a_preflight_that_asks_too_much_is_refused_in_the_body_of_errors(
    client: httpx.Client, origin: str, changed: dict[str, str], what: str
) -> None:
    answer = ask(client, "OPTIONS", "/things", origin, **PREFLIGHT | changed)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "FORBIDDEN")
    assert what in error["message"]
    assert error["requestId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(("origin", "status"), [(OURS, 204), ("https://evil.example", 403)])
def test_a_preflight_is_a_line_in_the_log(client: httpx.Client, origin: str, status: int) -> None:
    with capture_logs() as logs:
        answer = ask(client, "OPTIONS", "/things", origin, **PREFLIGHT)
    told = [line for line in logs if line["event"] == "request"]
    assert [(line["request_id"], line["method"], line["status"]) for line in told] == [
        (answer.headers["x-request-id"], "OPTIONS", status)
    ]


def test_options_without_a_preflight_lists_the_methods(client: httpx.Client) -> None:
    answer = ask(client, "OPTIONS", "/things", OURS)
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS")


def test_credentials_are_never_allowed(client: httpx.Client) -> None:
    for answer in (ask(client, "GET", "/things", OURS), ask(client, "OPTIONS", "/things", OURS)):
        assert "access-control-allow-credentials" not in answer.headers


def test_a_star_lets_every_page_in_without_naming_it() -> None:
    with served.client(served.contract(), ("*",)) as client:
        answer = ask(client, "GET", "/things", "https://anywhere.example")
        assert granted(answer) == {"access-control-allow-origin": "*"}


def test_nobody_is_let_in_without_the_setting() -> None:
    with served.client(served.contract()) as client:
        assert granted(ask(client, "GET", "/things", OURS)) == {}
        answer = ask(client, "OPTIONS", "/things", OURS, **PREFLIGHT)
        assert (answer.headers["allow"], granted(answer)) == ("DELETE, GET, HEAD, OPTIONS", {})


def test_the_product_takes_the_origins_of_its_setting(settings: Settings, database: str) -> None:
    named = msgspec.structs.replace(settings, cors_origins=Origins(OURS))
    with serving(create_app(named, database)) as client:
        assert granted(ask(client, "GET", "/projects", OURS))
        answer = ask(
            client,
            "OPTIONS",
            "/projects",
            OURS,
            **PREFLIGHT | {"Access-Control-Request-Headers": "idempotency-key, last-event-id"},
        )
        assert answer.status_code == 204


def loaded(text: str) -> Any:
    """The origins of a setting."""
    return load({"PRAZIUM_CORS_ORIGINS": text}).cors_origins.all


def test_origins_are_separated_by_commas() -> None:
    assert loaded(f"{OURS}, {OTHER},https://[2001:db8::1]:8443") == (
        OURS,
        OTHER,
        "https://[2001:db8::1]:8443",
    )
    assert loaded("*") == ("*",)
    assert loaded("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://App.example.com",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://*.example.com",
        "https://user@app.example.com",
        "app.example.com",
        "ftp://app.example.com",
        "null",
        f"*,{OURS}",
        f"{OURS},,{OTHER}",
        f"{OURS};{OTHER}",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start_with_the_settings_name(text: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"^PRAZIUM_CORS_ORIGINS: `.*` is no origin"):
        loaded(text)
