"""Where a request ends and the next begins, whatever stands in its head."""

import json
import socket
import time
from typing import Any

import httpx
import pytest

from tests.conftest import Live
from tests.contract import raw

PROJECTS = b"/projects"
WISHES = ["h2c", "websocket", "TLS/1.0", "foo"]


def kept(live: Live, method: str, target: bytes, *headers: str) -> bytes:
    """The head of a request that leaves the connection open."""
    return raw.head(live, method, target, *headers).replace(b"Connection: close\r\n", b"")


def statuses(answer: bytes) -> list[int]:
    """The statuses of all answers."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("pause_s", [0.0, 0.3])
def test_a_body_stays_a_body_when_another_protocol_is_wished_for(
    live: Live, wish: str, pause_s: float
) -> None:
    hidden = raw.head(live, "GET", b"/health")
    lines = ("Connection: Upgrade", f"Upgrade: {wish}", "Content-Type: application/json")
    head = kept(live, "POST", PROJECTS, *lines, f"Content-Length: {len(hidden)}")
    with raw.opened(live) as connection:
        connection.sendall(head)
        time.sleep(pause_s)
        connection.sendall(hidden + raw.head(live, "GET", PROJECTS))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert statuses(answer) == [400, 200]
    assert b'"success":true,"data":[' in answer


def test_chunks_are_read_when_another_protocol_is_wished_for(live: Live) -> None:
    lines = ("Connection: Upgrade", "Upgrade: h2c", "Content-Type: application/json")
    head = raw.head(live, "POST", PROJECTS, *lines, "Transfer-Encoding: chunked")
    answer = raw.exchange(live, head, b'9\r\n{"name":1\r\n1\r\n}\r\n0\r\n\r\n')
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert [one["field"] for one in error["details"]] == ["/name", "/description"]


def test_three_hundred_wishes_in_one_piece_are_all_answered(live: Live) -> None:
    wish = b"GET /v1/ready HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"
    last = b"GET /v1/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert statuses(raw.exchange(live, wish * 300 + last)) == [200] * 301


def test_nothing_is_read_behind_a_tunnel(live: Live) -> None:
    tunnel = b"CONNECT /v1/ready HTTP/1.1\r\nHost: a\r\n\r\n"
    assert statuses(raw.exchange(live, tunnel, raw.head(live, "GET", PROJECTS))) == [405]


HEADS: dict[str, bytes] = {
    "http_0_9": b"GET /v1/ready\r\n\r\n",
    "http_2_0": b"GET /v1/ready HTTP/2.0\r\nHost: a\r\n\r\n",
    "no_host": b"GET /v1/ready HTTP/1.1\r\n\r\n",
    "two_hosts": b"GET /v1/ready HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "a_host_with_a_space": b"GET /v1/ready HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a_host_with_a_user": b"GET /v1/ready HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "a_host_with_a_path": b"GET /v1/ready HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a_coding_that_we_do_not_know": b"POST /v1/projects HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a_name_that_is_not_utf_8": b"GET /v1/projects/%ff HTTP/1.1\r\nHost: a\r\n"
    b"Connection: close\r\n\r\n",
}


@pytest.mark.parametrize("kind", HEADS)
def test_a_head_that_others_could_read_differently_is_refused(live: Live, kind: str) -> None:
    answer = raw.exchange(live, HEADS[kind])
    assert raw.status(answer) == 400
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("host", ["a", "a:80", "[::1]:80", "xn--a.example.", "", "A_b-c~:"])
def test_a_host_may_be_a_name_or_an_address_with_a_port(live: Live, host: str) -> None:
    head = f"GET /v1/ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert raw.status(raw.exchange(live, head.encode())) == 200


def test_a_refused_request_behind_another_is_answered_too(live: Live) -> None:
    answer = raw.exchange(live, kept(live, "GET", PROJECTS), b"GET /v1/ready HTTP/1.1\r\n\r\n")
    assert statuses(answer) == [200, 400]


def test_nothing_is_said_of_what_follows_the_last_request(live: Live) -> None:
    slow = raw.head(live, "GET", b"/orchestrator/jobs?limit=2")
    for follows in (b"GET /v1/ready HTTP/1.1\r\n\r\n", b"\x00garbage\r\n\r\n"):
        assert statuses(raw.exchange(live, slow, follows)) == [200]


def test_what_is_refused_on_the_wire_has_what_every_answer_has(live: Live) -> None:
    answer = raw.exchange(live, b"GET /v1/ready HTTP/1.1\r\n\r\n")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    usual = raw.exchange(live, raw.head(live, "GET", b"/health")).partition(b"\r\n\r\n")[0].lower()

    def names(lines: bytes) -> set[bytes]:
        return {line.partition(b":")[0] for line in lines.split(b"\r\n")[1:]}

    assert names(usual) <= names(head)


def test_head_gets_no_body_even_where_it_is_refused(live: Live) -> None:
    answer = raw.exchange(live, b"HEAD /v1/ready HTTP/1.1\r\n\r\n")
    assert raw.status(answer) == 400
    assert answer.endswith(b"\r\n\r\n")


def test_who_says_nothing_more_gets_the_answer(live: Live) -> None:
    with raw.opened(live) as connection:
        connection.sendall(kept(live, "GET", PROJECTS))
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert statuses(answer) == [200]


def test_the_server_as_a_whole_says_what_it_can_do(live: Live) -> None:
    answer = raw.exchange(live, b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert raw.status(answer) == 204
    assert b"allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST" in answer


def call(live: Live, method: str, path: str, **request: Any) -> httpx.Response:
    """An answer."""
    headers = {"Authorization": f"Bearer {live.key}"}
    return httpx.request(method, f"{live.url}/orchestrator{path}", headers=headers, **request)


def delayed(live: Live) -> str:
    """The path of a job that will not begin."""
    body = {"kind": "http", "input": {"url": "https://example.com/"}, "delaySeconds": 3600}
    return f"/jobs/{call(live, 'POST', '/jobs', json=body).json()['data']['id']}"


@pytest.mark.parametrize("rest", [b"", b"G", b"\0\r\n\r\n"])
def test_nothing_is_done_that_was_asked_behind_a_stream(live: Live, rest: bytes) -> None:
    job, queue = delayed(live), f"behind-a-stream-{len(rest)}"
    stream = kept(live, "GET", f"/orchestrator{job}/events/stream".encode())
    lines = ("Content-Type: application/json", "Content-Length: 17")
    limit = kept(live, "PATCH", f"/orchestrator/queues/{queue}".encode(), *lines)
    with raw.opened(live) as connection:
        connection.sendall(stream + limit + b'{"concurrency":1}' + rest)
        answer = b""
        while b"RUN_CREATED" not in answer:
            answer += connection.recv(65536)
        call(live, "POST", f"{job}/cancel")
        answer += b"".join(iter(lambda: connection.recv(65536), b""))
    assert statuses(answer) == [200]
    assert b"\r\nconnection: close" in answer.partition(b"\r\n\r\n")[0]
    assert answer.endswith(b"\r\n0\r\n\r\n")
    assert call(live, "GET", f"/queues/{queue}").status_code == 404


def test_a_stream_to_an_old_client_ends_with_its_connection(live: Live) -> None:
    path = f"/orchestrator{delayed(live)}/events/stream"
    head = raw.head(live, "GET", path.encode()).replace(b"HTTP/1.1", b"HTTP/1.0")
    with raw.opened(live) as connection:
        connection.sendall(head)
        answer = b""
        while b"RUN_CREATED" not in answer:
            answer += connection.recv(65536)
    assert b"transfer-encoding" not in answer
    assert answer.partition(b"\r\n\r\n")[2].startswith(b"retry: 1000\n\nid: 1\n")


def test_an_address_without_a_path_means_its_root(live: Live) -> None:
    head = b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw.exchange(live, head)
    assert (raw.status(answer), b"location: /v1/docs" in answer) == (307, True)


def test_blanks_behind_a_value_are_none_of_it(live: Live) -> None:
    head = raw.head(live, "GET", PROJECTS, "X-Request-Id: caller-0009 \t")
    answer = raw.exchange(live, head.replace(b"Host: localhost", b"Host: localhost "))
    assert (raw.status(answer), b"x-request-id: caller-0009\r\n" in answer) == (200, True)


def test_an_old_client_is_not_told_to_go_on(live: Live) -> None:
    lines = ("Content-Type: application/json", "Expect: 100-continue", "Content-Length: 2")
    head = raw.head(live, "POST", PROJECTS, *lines).replace(b"HTTP/1.1", b"HTTP/1.0")
    with raw.opened(live) as connection:
        connection.sendall(head)
        time.sleep(0.3)  # it would have been told by now
        connection.sendall(b"{}")
        assert raw.status(connection.recv(65536)) == 400


def test_go_on_is_said_whatever_the_case_of_the_question(live: Live) -> None:
    lines = ("Content-Type: application/json", "Expect: 100-Continue", "Content-Length: 2")
    with raw.opened(live) as connection:
        connection.sendall(raw.head(live, "POST", PROJECTS, *lines))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert raw.status(connection.recv(65536)) == 400
