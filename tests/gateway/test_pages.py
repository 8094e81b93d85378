"""The contract and its reference page, as a client and as a real browser see them."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from scripts.contract import operations
from scripts.generation import BUNDLE
from tests.conftest import Live

CONTRACT = json.loads(BUNDLE.read_text(encoding="utf-8"))
FILES = sorted(path.name for path in (BUNDLE.parent / "reference").iterdir())
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def linked(live: Live) -> list[str]:
    """The addresses that the page names, with their versions."""
    page = httpx.get(f"{live.url}/docs").text
    return [unescape(url) for url in re.findall(r'(?:href|src|data-samples)="(docs/[^"]+)"', page)]


def test_the_contract_is_served_as_it_is_committed(live: Live) -> None:
    answer = httpx.get(f"{live.url}/openapi.json")
    assert answer.content == BUNDLE.read_bytes()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/redoc.standalone.js"])
def test_who_has_a_document_gets_it_no_second_time(live: Live, path: str) -> None:
    first = httpx.get(live.url + path)
    etag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{16}"', etag)
    for known in (etag, f'"other", W/{etag}', "*"):
        again = httpx.get(live.url + path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert httpx.get(live.url + path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_page_may_load_from_its_own_host_alone(live: Live) -> None:
    answer = httpx.get(f"{live.url}/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "//" not in str(policy)


def test_the_page_has_no_script_of_its_own(live: Live) -> None:
    page = httpx.get(f"{live.url}/docs").text
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"<script[^>]*>[^<]|<style|style=|\son\w+=", page)


def test_what_the_page_names_is_there_and_kept_for_ever(live: Live) -> None:
    urls = linked(live)
    assert len(urls) == 5
    for url in urls:
        answer = httpx.get(f"{live.url}/{url}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["etag"] == f'"{url.partition("?v=")[2]}"'


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
def test_a_file_under_another_version_is_kept_briefly(live: Live, query: str) -> None:
    answer = httpx.get(f"{live.url}/docs/start.js{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize("name", [name for name in FILES if name != "index.html"])
def test_the_files_of_the_page_have_their_types(live: Live, name: str) -> None:
    types = {"js": "text/javascript", "css": "text/css", "json": "application/json"}
    types |= {"svg": "image/svg+xml", "txt": "text/plain"}
    answer = httpx.get(f"{live.url}/docs/{name}")
    assert answer.headers["content-type"].partition(";")[0] == types[name.rpartition(".")[2]]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("index.html", 404),
        ("openapi.json", 404),
        ("", 404),
        ("..%2Fopenapi.json", 400),
        ("%2e%2e%2fmodels.py", 400),
        ("a b", 400),
        ("start.js%00", 400),
        ("a" * 65, 400),
    ],
)
def test_nothing_else_is_below_the_page(live: Live, name: str, status: int) -> None:
    assert httpx.get(f"{live.url}/docs/{name}").status_code == status


@pytest.mark.parametrize(
    ("door", "page"),
    [
        ("/", "/v1/docs"),
        ("/v1", "/v1/docs"),
        ("/v1/", "/v1/docs"),
        ("/api", "/api/docs"),
        ("/api/", "/api/docs"),
    ],
)
def test_a_browser_at_the_bare_address_finds_the_page(live: Live, door: str, page: str) -> None:
    root = live.url.removesuffix("/v1")
    answer = httpx.get(root + door)
    assert (answer.status_code, answer.headers["location"]) == (307, page)
    assert httpx.get(root + page).status_code == 200
    assert httpx.options(root + door).headers["allow"] == "GET, HEAD, OPTIONS"
    refused = httpx.post(root + door)
    assert refused.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"


@dataclass(frozen=True)
class Seen:
    """What a browser made of the page: its document, its console, and what it asked for."""

    document: str
    console: list[str]
    requests: set[str]


@pytest.fixture(scope="module")
def seen(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The page in Chromium."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here.")
    folder = tmp_path_factory.mktemp("chromium")
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={folder}/profile",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr",
            f"--log-net-log={folder}/net.json", "--virtual-time-budget=8000", "--dump-dom",
            f"{live.url}/docs",
        ],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(done.stdout, console, requests(folder / "net.json", live.url))


def requests(log: Path, url: str) -> set[str]:
    """What the pages of this host asked for; what the browser does for itself is left out."""
    host = urlsplit(url)
    own = f"{host.scheme}://{host.netloc}"
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = (event.get("params", {}) for event in events)
    return {
        params["url"]
        for params in asked
        if "url" in params and own in (params.get("initiator"), params["url"][: len(own)])
    }


def test_a_browser_shows_every_operation(seen: Seen) -> None:
    text = unescape(re.sub(r"<[^>]+>", " ", seen.document))
    assert "<title>Prazium API 1.0.0</title>" in seen.document
    for tag in CONTRACT["tags"]:
        assert f">{tag['name'].capitalize()}<" in seen.document
    for _, _, operation in operations(CONTRACT):
        assert operation["summary"] in text
    assert "curl -sS" in re.sub(r"\s+", " ", text)


def test_a_browser_asks_no_other_host(seen: Seen, live: Live) -> None:
    assert any(url.endswith("/openapi.json") for url in seen.requests)
    root = live.url.removesuffix("v1")
    assert all(url.startswith((root, f"blob:{root}", "data:")) for url in seen.requests)


def test_a_browser_blocks_the_logo_of_redocs_makers_and_nothing_else(seen: Seen) -> None:
    assert [line for line in seen.console if "cdn.redoc.ly/redoc/logo-mini.svg" not in line] == []
