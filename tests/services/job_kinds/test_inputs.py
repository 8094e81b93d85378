"""What jobs of the built-in kinds may be given, and what is shown of it."""

from typing import Any

import jsonschema_rs
import pytest

from services import job_kinds
from services.errors import ValidationFailed
from services.settings import Networks

URL = "https://example.com/"
IDEMPOTENCY = "/input/headers/idempotency-KEY"


def flaw(kind: str, value: dict[str, Any]) -> str:
    """Where the input is first wrong."""
    with pytest.raises(ValidationFailed) as refused:
        job_kinds.check_input(kind, value)
    assert isinstance(refused.value.details, list)
    return refused.value.details[0].field_


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("http", {"url": URL}),
        ("http", {"url": "HTTP://example.com:80?a=b#c", "method": "PUT", "body": "a"}),
        ("http", {"url": URL, "json": None, "headers": {"X-A": "1"}, "timeoutSeconds": 300}),
        ("agent", {"prompt": "Why?"}),
        ("agent", {"prompt": "Why?", "system": "", "answerSchema": {"type": "string"}}),
        ("command", {"command": ["jq", ".a", ""], "stdin": "{}", "env": {"A_1": "x=y"}}),
        ("thumbnail.make", {"anything": True}),
    ],
)
def test_an_input_is_taken(kind: str, value: dict[str, Any]) -> None:
    job_kinds.check_input(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "where"),
    [
        ("http", {}, "/input/url"),
        ("http", {"url": "ftp://example.com/"}, "/input/url"),
        ("http", {"url": "http://user:pass@example.com/"}, "/input/url"),
        ("http", {"url": "http://example.com/\n"}, "/input/url"),
        ("http", {"url": URL + "a" * 2000}, "/input/url"),
        ("http", {"url": URL, "method": "TRACE"}, "/input/method"),
        ("http", {"url": URL, "timeoutSeconds": 0}, "/input/timeoutSeconds"),
        ("http", {"url": URL, "timeoutSeconds": 301}, "/input/timeoutSeconds"),
        ("http", {"url": URL, "body": "a", "json": 1}, "/input/json"),
        ("http", {"url": URL, "body": {"a": 1}}, "/input/body"),
        ("http", {"url": URL, "headers": {"A": "1\r\nB: 2"}}, "/input/headers/A"),
        ("http", {"url": URL, "headers": {"A b": "1"}}, "/input/headers/A b"),
        ("http", {"url": URL, "headers": {"a/b": "1"}}, "/input/headers/a~1b"),
        ("http", {"url": URL, "headers": {"Host": "x"}}, "/input/headers/Host"),
        ("http", {"url": URL, "headers": {"idempotency-KEY": ""}}, IDEMPOTENCY),
        ("http", {"url": URL, "headers": {f"A{n}": "" for n in range(51)}}, "/input/headers"),
        ("http", {"url": URL, "follow": True}, "/input/follow"),
        ("agent", {}, "/input/prompt"),
        ("agent", {"prompt": ""}, "/input/prompt"),
        ("agent", {"prompt": "a" * 200_001}, "/input/prompt"),
        ("agent", {"prompt": "a", "answerSchema": {"type": "x"}}, "/input/answerSchema/type"),
        ("agent", {"prompt": "a", "answerSchema": {"$ref": "file:///x"}}, "/input/answerSchema"),
        ("agent", {"prompt": "a", "maxOutputTokens": 0}, "/input/maxOutputTokens"),
        ("command", {"command": []}, "/input/command"),
        ("command", {"command": "ls"}, "/input/command"),
        ("command", {"command": ["/bin/ls"]}, "/input/command/0"),
        ("command", {"command": [""]}, "/input/command/0"),
        ("command", {"command": ["ls", "a\0"]}, "/input/command/1"),
        ("command", {"command": ["ls"], "env": {"A=B": "1"}}, "/input/env/A=B"),
        ("command", {"command": ["ls"], "timeoutSeconds": 3601}, "/input/timeoutSeconds"),
    ],
)  # fmt: skip
def test_an_input_that_cannot_be_is_refused_by_pointer(
    kind: str, value: dict[str, Any], where: str
) -> None:
    assert flaw(kind, value) == where


REFUSED_URLS = [
    *(
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://10.0.0.8:80/x",
        "http://169.254.169.254/latest",
    ),
    *(
        "https://example.com:0/",
        "http://example.com:8080/",
        "http://localhost/",
        "http://db.internal",
    ),
    *("http://:80/", "http://[fe80::1%25eth0]/", "http://example.com:70000/"),
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_url_that_will_never_be_called_is_refused_before_there_is_a_job(url: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        job_kinds.check_input("http", {"url": url}, allow=Networks())
    assert isinstance(refused.value.details, list)
    assert [found.field_ for found in refused.value.details] == ["/input/url"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost:8080/"])
def test_a_url_inside_is_taken_where_the_network_is_open(url: str) -> None:
    job_kinds.check_input("http", {"url": url}, allow=Networks("127.0.0.1:8080"))


def test_a_url_that_is_none_is_told_in_words() -> None:
    with pytest.raises(ValidationFailed, match="must be an http or https URL without credentials"):
        job_kinds.check_input("http", {"url": "ftp://example.com/"})


def test_only_headers_that_tell_no_secret_are_shown() -> None:
    headers = {"Authorization": "Bearer abc", "X-Mine": "abc", "Content-Type": "text/plain"}
    shown = job_kinds.shown_input("http", {"url": URL, "headers": headers})
    assert "abc" not in str(shown)
    assert shown["headers"]["Content-Type"] == "text/plain"
    assert headers["X-Mine"] == "abc"


@pytest.mark.parametrize("kind", list(job_kinds.BUILT))
def test_the_schemas_of_a_kind_are_json_schema_by_themselves(kind: str) -> None:
    for schema in (job_kinds.input_schema(kind), job_kinds.result_schema(kind)):
        jsonschema_rs.meta.validate(schema)
        assert "$ref" not in str(schema)
        assert "nullable" not in str(schema)


@pytest.mark.parametrize("kind", list(job_kinds.BUILT))
def test_the_example_of_a_kind_is_an_input(kind: str) -> None:
    for example in job_kinds.input_schema(kind)["examples"]:
        job_kinds.check_input(kind, example)
