"""The log: one line a request, no trace for what the caller did wrong, and never a secret."""

import json
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote

import pytest

from services.redaction import without_named_secrets, without_secrets
from tests.conftest import Live
from tests.contract import raw
from tests.gateway.conftest import Watched, eventually

KEY = "pzm_CanaryCanaryCanaryCanaryCanary"
OPENAI = "sk-proj-CanaryCanaryCanaryCanary"
PASSWORD = "Canary-Password-1"
URL = f"postgresql://canary:{PASSWORD}@db.example.com/prazium"
SECRETS = (KEY, OPENAI, PASSWORD)


def lines(watched: Watched) -> list[dict[str, Any]]:
    """The entries of the log."""
    text = watched.log.read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_request_is_one_line_with_what_one_looks_for(watched: Watched) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"X-Request-Id": "one-line-0001", "traceparent": parent}
    watched.http.get("/projects?page=7", headers=headers).raise_for_status()

    def found() -> list[dict[str, Any]]:
        return [line for line in lines(watched) if line.get("request_id") == "one-line-0001"]

    [line] = eventually(found)
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("tenant").startswith("ten_")
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": "one-line-0001",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "method": "GET",
        "operation": "list_projects",
        "route": "/v1/projects",
        "status": 200,
    }


def places(secret: str) -> list[dict[str, Any]]:
    """Requests with a secret in every place that a caller can reach."""
    quoted = quote(secret, safe="")
    bad = {"content": f'{{"name": "{secret}", '.encode()}
    return [
        {"url": "/projects", "headers": {"Authorization": f"Bearer {secret}"}},
        {"url": "/projects", "headers": {"Authorization": f"Basic {secret}"}},
        {"url": "/projects", "headers": {"X-Request-Id": secret[:64]}},
        {"url": "/projects", "headers": {"traceparent": secret, "tracestate": f"a={secret}"}},
        {"url": "/projects", "headers": {"Cookie": f"session={secret}", "User-Agent": secret}},
        {"url": "/projects", "params": {"page": secret}},
        {"url": "/projects", "params": {secret: "1"}},
        {"url": "/projects", "params": {"password": secret, "token": secret}},
        {"url": f"/projects/{quoted}"},
        {"url": f"/{quoted}"},
        {"url": f"/projects/proj_01kb0r5v8wf5qtx1c9ht2kq6mz/files/{quoted}"},
        {"method": "POST", "url": "/projects", "json": {"name": secret}},
        {"method": "POST", "url": "/projects", "json": {secret: secret}},
        {
            "method": "POST",
            "url": "/projects",
            "json": {"name": {secret: 1}, "description": [secret]},
        },
        {"method": "POST", "url": "/projects", "json": {"name": 1, "password": secret}},
        {"method": "POST", "url": "/projects", "json": secret},
        {"method": "POST", "url": "/projects", "json": {"name": secret * 500, "description": "x"}},
        {
            "method": "POST",
            "url": "/projects",
            **bad,
            "headers": {"content-type": "application/json"},
        },
        {
            "method": "POST",
            "url": "/projects",
            **bad,
            "headers": {"content-type": f"text/{secret}"},
        },
        {"method": "PATCH", "url": f"/projects/{quoted}", "json": {"name": secret}},
        {"method": "DELETE", "url": f"/admin/stats?{quoted}"},
    ]


@pytest.mark.parametrize("secret", [KEY, OPENAI, URL])
def test_a_secret_that_is_sent_anywhere_comes_back_nowhere(watched: Watched, secret: str) -> None:
    for request in places(secret):
        answer = watched.http.request(**{"method": "GET", **request})
        assert answer.status_code < 500, request
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/json"
        shown = answer.text + str(answer.headers)
        assert not any(part in shown for part in SECRETS), request
    time.sleep(0.2)
    log = watched.log.read_text()
    assert not any(part in log for part in SECRETS)
    assert "Traceback" not in log


def test_what_is_no_http_is_answered_and_logged_without_what_it_said(watched: Watched) -> None:
    live = Live(watched.stack.base_url, watched.stack.key, watched.stack.data_dir)
    for said in (
        f"GET /{KEY} HTTP/9.9\r\n\r\n",
        f"{KEY}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{KEY}\r\n\r\n",
    ):
        assert KEY.encode() not in raw.exchange(live, said.encode(), cut=True)
    assert KEY not in watched.log.read_text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key {KEY}.", "key [redacted]."),
        (f"key={OPENAI}", "key=[redacted]"),
        (URL, "postgresql://[redacted]@db.example.com/prazium"),
        ("redis://:pass@cache", "redis://[redacted]@cache"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [redacted]"),
        ("BASIC dXNlcjpwYXNz", "BASIC [redacted]"),
        ("bEaReR abcdefghijkl", "bEaReR [redacted]"),
        ("Send a valid API key as Authorization: Bearer.",) * 2,
        ('Bearer realm="prazium"',) * 2,
        ("http://host:3001/v1/projects?x=a@b",) * 2,
    ],
)
def test_secrets_are_known_by_their_form(text: str, expected: str) -> None:
    assert without_secrets(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2&x=1", "password=[redacted]&x=1"),
        ("{'Token': 'abc', 'x': 1}", "{'Token': '[redacted]', 'x': 1}"),
        (r"{\"api_key\": \"abc\"}", r"{\"api_key\": \"[redacted]\"}"),
        ("X-Api-Key: abc", "X-Api-Key: [redacted]"),
        ("password: None",) * 2,
    ],
)
def test_secrets_in_the_text_of_programs_are_known_by_their_name(text: str, expected: str) -> None:
    assert without_named_secrets(text) == expected


WRITER = """
import logging, sys, structlog
from scripts import logs
logs.configure("info", sys.argv[1])
log = structlog.get_logger()
log.info("started", password="Canary-Password-1", url="https://a:Canary-Password-1@b", n=[1, None],
         nested={"token": "Canary-Password-1", "list": ["pzm_CanaryCanaryCanaryCanaryCanary"]})
log.debug("too much")
logging.getLogger("library").warning("with %s", "Bearer Canary-Password-1")
try:
    raise ValueError("password='Canary-Password-1'")
except ValueError as error:
    log.error("crashed", exc_info=error, odd=object)
"""


def written(form: str) -> str:
    """What a process writes that logs secrets of every kind."""
    command = [sys.executable, "-c", WRITER, form]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_what_we_and_libraries_log_is_json_without_secrets() -> None:
    started, library, crashed = map(json.loads, written("json").splitlines())
    assert started["password"] == started["nested"]["token"] == "[redacted]"
    assert (started["url"], started["n"]) == ("https://[redacted]@b", [1, None])
    assert started["nested"]["list"] == ["[redacted]"]
    assert (library["logger"], library["event"]) == ("library", "with Bearer [redacted]")
    assert "ValueError: password='[redacted]'" in crashed["exception"]


def test_lines_for_people_have_no_secrets_either() -> None:
    text = written("console")
    assert "started" in text
    assert "crashed" in text
    assert "Traceback" in text
    assert not any(secret in text for secret in SECRETS)


ORDER = """
import asyncio, structlog
from scripts import logs
logs.configure("info")
log = structlog.get_logger()

async def main():
    for number in range(3):
        log.info("request", number=number)
    await asyncio.to_thread(log.info, "elsewhere")
    log.info("request", number=3)
    log.warning("at once")
    log.info("request", number=4)

asyncio.run(main())
"""


def test_lines_leave_in_their_order_and_none_is_lost_at_the_end() -> None:
    process = subprocess.run([sys.executable, "-c", ORDER], capture_output=True, check=True)
    said = [json.loads(line) for line in process.stderr.splitlines()]
    found = [entry.get("number", entry["event"]) for entry in said]
    assert found == [0, 1, 2, "elsewhere", 3, "at once", 4]
