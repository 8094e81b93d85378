"""The wire: what is too large, too slow or no HTTP at all, and what it does to others."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from handlers.gateway.protocol import Wire
from tests.conftest import Form, Live
from tests.contract import raw
from tests.faults.load import Load, figures

GET = b"/projects"
CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")
GOOD = b'{"name": "Never", "description": "x"}'


def many(count: int) -> list[str]:
    """So many headers beside the three that every request has."""
    return [f"X-{number}: 1" for number in range(count - 3)]


def test_a_hundred_headers_are_taken(live: Live) -> None:
    assert raw.status(raw.exchange(live, raw.head(live, "GET", GET, *many(100)))) == 200


def test_headers_of_almost_32_kib_are_taken(live: Live) -> None:
    head = raw.head(live, "GET", GET, *[f"X-{number}: {'a' * 8000}" for number in range(4)])
    assert 32_000 < len(head) < 32 * 1024
    assert raw.status(raw.exchange(live, head)) == 200


REFUSED: dict[str, tuple[int, str, Callable[[Live], bytes]]] = {
    "101_headers": (431, "HEADERS_TOO_LARGE", lambda live: raw.head(live, "GET", GET, *many(101))),
    "33_kib_of_headers": (
        431,
        "HEADERS_TOO_LARGE",
        lambda live: raw.head(live, "GET", GET, f"X-A: {'a' * 33 * 1024}"),
    ),
    "a_header_without_end": (
        431,
        "HEADERS_TOO_LARGE",
        lambda live: b"GET / HTTP/1.1\r\nX-A: " + b"a" * 3_000_000,
    ),
    "a_name_without_end": (
        431,
        "HEADERS_TOO_LARGE",
        lambda live: b"GET / HTTP/1.1\r\n" + b"a" * 3_000_000,
    ),
    "an_address_of_17_kib": (
        414,
        "URI_TOO_LONG",
        lambda live: raw.head(live, "GET", GET + b"?search=" + b"a" * 17_000),
    ),
    "tls": (400, "VALIDATION_ERROR", lambda live: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "http_2": (400, "VALIDATION_ERROR", lambda live: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no_method": (400, "VALIDATION_ERROR", lambda live: b"/ GET HTTP/1.1\r\n\r\n"),
    "no_name": (400, "VALIDATION_ERROR", lambda live: b"GET / HTTP/1.1\r\n: a\r\n\r\n"),
    "a_tunnel": (400, "VALIDATION_ERROR", lambda live: b"CONNECT a:1 HTTP/1.1\r\n\r\n"),
    "a_broken_chunk": (
        400,
        "VALIDATION_ERROR",
        lambda live: raw.head(live, "POST", GET, *CHUNKED) + b"5\r\n{    \r\nno\r\n",
    ),
    "trailers_without_end": (
        400,
        "VALIDATION_ERROR",
        lambda live: raw.head(live, "POST", GET, *CHUNKED) + b"0\r\nX: " + b"a" * 3_000_000,
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_request_is_refused_in_the_contracts_body(live: Live, kind: str) -> None:
    status, code, request = REFUSED[kind]
    began = time.monotonic()
    head, _, body = raw.exchange(live, request(live)).partition(b"\r\n\r\n")
    assert raw.status(head) == status
    error = json.loads(body)["error"]
    assert error["code"] == code
    assert f"x-request-id: {error['requestId']}" in head.decode()
    assert "connection: close" in head.decode()
    assert time.monotonic() - began < 3


def test_a_trailer_is_no_header(live: Live) -> None:
    head = raw.head(live, "POST", GET, "Transfer-Encoding: chunked")
    body = b"%x\r\n%s\r\n0\r\nContent-Type: application/json\r\n\r\n" % (len(GOOD), GOOD)
    assert raw.status(raw.exchange(live, head, body)) == 415


def test_garbage_behind_a_request_does_not_take_its_answer(live: Live) -> None:
    head = raw.head(live, "GET", GET).replace(b"Connection: close\r\n", b"")
    answer = raw.exchange(live, head, b"\x00\x01garbage\r\n\r\n")
    assert [raw.status(part) for part in re.findall(rb"HTTP/1.1 \d+ ", answer)] == [200, 400]


def test_garbage_behind_two_requests_takes_neither_answer(live: Live) -> None:
    head = raw.head(live, "GET", GET).replace(b"Connection: close\r\n", b"")
    answer = raw.exchange(live, head, head, b"\x00\x01garbage\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == 2


def test_answers_that_were_asked_for_at_once_come_in_their_order(live: Live) -> None:
    kept = raw.head(live, "GET", GET).replace(b"Connection: close\r\n", b"")
    page = raw.head(live, "GET", b"/docs").replace(b"Connection: close\r\n", b"")
    last = raw.head(live, "GET", b"/health")
    answer = raw.exchange(live, kept, page, kept, kept, last)
    kinds = [line for line in answer.split(b"\r\n") if line.startswith(b"content-type: ")]
    assert [b"html" in kind for kind in kinds] == [False, True, False, False, False]
    assert b'"status":"' in answer.rpartition(b"\r\n\r\n")[2]


async def drip(live: Live, sent: bytes, then: bytes) -> tuple[float, bytes]:
    """Send something, then a byte a second; when the connection was closed, and what came."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(*live.address)
    writer.write(sent)
    answer = asyncio.create_task(reader.read())
    for byte in then:
        await asyncio.wait({answer}, timeout=1)
        if answer.done():
            break
        writer.write(bytes([byte]))
    received = await answer
    writer.close()
    return time.monotonic() - began, received


@pytest.mark.long
async def test_500_slow_connections_are_ended_in_time_and_disturb_nobody(
    live: Live, form: Form
) -> None:
    load = Load(live.url, live.key)
    async with load.closed(4):
        await asyncio.sleep(form.pick(1, 10))
    alone = load.p99()
    body = raw.head(live, "POST", GET, "Content-Type: application/json", "Content-Length: 60")
    heads = [drip(live, b"", b"GET / HTTP/1.1\r\nX-A: " + b"a" * 60) for _ in range(200)]
    heads += [drip(live, b"GET / HT", b"") for _ in range(100)]
    heads += [drip(live, b"", b"\r\n" * 30) for _ in range(50)]
    bodies = [drip(live, body, b'{"name": "' + b"a" * 60) for _ in range(150)]
    load = Load(live.url, live.key)
    async with load.closed(4):
        ended = await asyncio.gather(*heads, *bodies)
    form.say(
        slow=len(ended), last_s=max(s for s, _ in ended), alone_p99_ms=alone * 1000, **figures(load)
    )
    assert max(seconds for seconds, _ in ended) < 11
    assert {raw.status(answer) for _, answer in ended if answer} == {408}
    assert set(load.statuses) == {200}
    assert load.p99() < max(3 * alone, 0.2)


class Short(Wire):
    """The protocol, less patient."""

    HEAD_S = 0.4
    STALL_S = 0.4
    QUIET_S = 0.2


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading, as large as the path says."""
    await PlainTextResponse("a" * int(scope["path"][1:]))(scope, receive, send)


@asynccontextmanager
async def serving() -> AsyncIterator[uvicorn.Server]:
    """A server with the impatient protocol."""
    config = uvicorn.Config(
        echo, http=Short, port=0, lifespan="off", log_level="critical", timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server
    finally:
        await server.shutdown()


def address_of(server: uvicorn.Server) -> tuple[str, int]:
    """Where it listens."""
    host, port = server.servers[0].sockets[0].getsockname()
    return host, port


async def closed_after(address: tuple[str, int], *sent: bytes, pause_s: float = 0.3) -> float:
    """Seconds until the server closes a connection on which parts are sent with pauses."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(*address)
    done = asyncio.create_task(reader.read())
    for part in sent:
        writer.write(part)
        await asyncio.wait({done}, timeout=pause_s)
    await asyncio.wait_for(asyncio.wait({done}), 10)
    writer.close()
    return time.monotonic() - began


ASK = b"GET /10 HTTP/1.1\r\nHost: a\r\n"
IDLE: dict[str, tuple[bytes, ...]] = {
    "nothing": (),
    "after_an_answer": (ASK + b"\r\n",),
    "half_a_head_after_an_answer": (ASK + b"\r\n", b"GET"),
    "line_breaks_after_an_answer": (ASK + b"\r\n", *[b"\r\n"] * 12),
    "a_body_that_nobody_reads": (ASK + b"Content-Length: 9\r\n\r\n", b"a", b"a"),
}


@pytest.mark.parametrize("kind", IDLE)
async def test_a_connection_on_which_nothing_comes_is_closed(kind: str) -> None:
    async with serving() as server:
        assert await closed_after(address_of(server), *IDLE[kind]) < 3


async def test_a_connection_that_is_used_is_kept() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection(*address_of(server))
        for _ in range(4):
            writer.write(ASK + b"\r\n")
            assert b"200" in await reader.readline()
            await reader.readuntil(b"aaaaaaaaaa")
            await asyncio.sleep(0.4)
        writer.close()


async def test_a_reader_that_reads_nothing_is_cut() -> None:
    async with serving() as server:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(address_of(server))
            client.sendall(b"GET /9000000 HTTP/1.1\r\nHost: a\r\n\r\n")
            await asyncio.sleep(0.2)
            assert len(server.server_state.connections) == 1
            await asyncio.sleep(1)
            assert not server.server_state.connections
