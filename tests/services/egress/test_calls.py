"""Calls to a real server on this machine, which the setting allows; and addresses as they are."""

import asyncio
import ipaddress
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from services.adapters.egress import Egress, Refused, TooSlow, Unreachable, checked_url, is_public
from services.settings import Networks

NOWHERE = Networks()


@dataclass
class Server:
    """A server that keeps what it is sent, and the way to it."""

    egress: Egress
    url: str
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[Server]:
    """A server that gives these answers one after the other, then none."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        while head := await reader.read(65536):
            found.heads.append(head)
            writer.write(left.pop(0) if left else b"")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    egress = Egress(Networks(f"127.0.0.1:{port}"), lambda *_, **__: answer)
    found = Server(egress, f"http://shop.example:{port}/")
    try:
        yield found
    finally:
        await egress.close()
        server.close()


def http(head: str, body: bytes = b"") -> bytes:
    """An answer with its length."""
    return f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def get(egress: Egress, url: str, **others: object) -> object:
    """GET with small limits."""
    return await egress.request(
        "GET", url, **{"headers": {}, "timeout_s": 5, "max_bytes": 100, **others}
    )


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.8.9.1", "169.254.169.254"),
        *("172.31.0.1", "192.0.0.192", "192.168.1.1", "198.19.0.1", "224.0.0.251"),
        *("255.255.255.255", "168.63.129.16", "192.88.99.1", "::", "::1", "::7f00:1", "fe80::1"),
        *("::ffff:10.0.0.1", "fec0::1", "fd00:ec2::254", "ff02::1", "64:ff9b::a00:1", "100::1"),
        *("2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "64:ff9b:1::1"),
    ],
)  # fmt: skip
def test_what_is_not_the_internet_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::200e"]
)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "https://10.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/"),
        *("http://localhost/", "http://LOCALHOST../", "http://a.localhost/", "http://db.internal/"),
        *("http://printer.local", "http://metadata.google.internal/computeMetadata/v1/"),
        *("http://example.com:22/", "http://example.com:8080/", "http://example.com:0/"),
        *("ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/"),
        *("http://user:password@example.com/", "http://user@example.com/", "http://@127.0.0.1/"),
        *("http:///path", "http://", "example.com", "", "http://[::1", "http://example.com:99999/"),
        *("http://example.com/\r\nHost: x", "http://exa mple.com/", "http://example.com\\@10.0.0.1/"),
        *("http://" + "a" * 2000 + ".com/", "http://[fe80::1%25eth0]/", "http://\x00.com/"),
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_called_is_refused_before_its_name_is_looked_up(url: str) -> None:
    with pytest.raises(Refused):
        checked_url(url, NOWHERE)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1"])
async def test_other_ways_to_write_an_address_reach_nothing(host: str) -> None:
    egress = Egress(NOWHERE)
    with pytest.raises((Refused, Unreachable)):
        await get(egress, f"http://{host}/")
    await egress.close()


async def test_the_gate_holds_without_any_other_check() -> None:
    egress = Egress(NOWHERE)
    with pytest.raises(Refused):
        egress._open_socket((2, 1, 6, "", ("127.0.0.1", 80)))
    await egress.close()


async def test_another_port_of_an_allowed_address_is_refused() -> None:
    async with serving(http("200 OK")) as server:
        egress = Egress(Networks("127.0.0.1:1"))
        with pytest.raises(Refused):
            await get(egress, server.url.replace("shop.example", "127.0.0.1"))
        await egress.close()
    assert not server.heads


async def test_an_answer_has_status_headers_and_body() -> None:
    async with serving(http("201 Created\r\nX-One: a\r\nX-One: b", b"made")) as server:
        answer = await get(server.egress, server.url)
    assert (answer.status, answer.body, answer.truncated) == (201, b"made", False)
    assert [value for name, value in answer.headers if name == "x-one"] == ["a", "b"]


async def test_a_body_beyond_the_limit_is_cut_and_says_so() -> None:
    async with serving(http("200 OK", b"x" * 10_000_000)) as server:
        answer = await get(server.egress, server.url)
    assert (answer.body, answer.truncated) == (b"x" * 100, True)


async def test_a_body_of_exactly_the_limit_is_whole() -> None:
    async with serving(http("200 OK", b"x" * 100)) as server:
        assert not (await get(server.egress, server.url)).truncated


async def test_a_compressed_bomb_stays_compressed() -> None:
    bomb = http("200 OK\r\nContent-Encoding: gzip", b"\x1f\x8b" + b"\0" * 50)
    async with serving(bomb) as server:
        assert (await get(server.egress, server.url)).body[:2] == b"\x1f\x8b"


async def test_compression_is_not_asked_for_unless_the_caller_does() -> None:
    async with serving(http("200 OK"), http("200 OK")) as server:
        await get(server.egress, server.url)
        await get(server.egress, server.url, headers={"accept-encoding": "br"})
    found = [head.lower().split(b"accept-encoding: ")[1:] for head in server.heads]
    assert [[value.split(b"\r\n")[0] for value in one] for one in found] == [[b"identity"], [b"br"]]


async def test_an_answer_that_does_not_come_ends_in_time() -> None:
    async with serving() as server:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            await get(server.egress, server.url, timeout_s=0.2)
    assert time.monotonic() - began < 1


async def test_an_answer_that_trickles_ends_in_time() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        for _ in range(100):
            writer.write(b".")
            await asyncio.sleep(0.05)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    egress = Egress(Networks("127.0.0.1:*"))
    with pytest.raises(TooSlow):
        await get(egress, f"http://127.0.0.1:{port}/", timeout_s=0.3)
    await egress.close()
    server.close()


async def test_a_slow_name_ends_in_time() -> None:
    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(0.5)
        return []

    egress = Egress(NOWHERE, slow)
    began = time.monotonic()
    with pytest.raises(TooSlow):
        await get(egress, "http://slow.example/", timeout_s=0.1)
    assert time.monotonic() - began < 0.4
    await egress.close()


async def test_no_cookie_reaches_the_next_request() -> None:
    async with serving(http("200 OK\r\nSet-Cookie: a=b; Path=/"), http("200 OK")) as server:
        await get(server.egress, server.url)
        await get(server.egress, server.url)
    assert len(server.heads) == 2 and b"Cookie" not in server.heads[1]


async def test_no_connection_serves_two_requests() -> None:
    keep = http("200 OK\r\nConnection: keep-alive")
    async with serving(keep, keep) as server:
        await get(server.egress, server.url)
        await get(server.egress, server.url)
    assert server.connections == 2


async def test_a_server_that_speaks_no_http_is_unreachable() -> None:
    async with serving(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") as server:
        with pytest.raises(Unreachable):
            await get(server.egress, server.url)


async def test_a_server_without_tls_is_unreachable_over_https() -> None:
    async with serving(b"plain") as server:
        with pytest.raises(Unreachable):
            await get(server.egress, server.url.replace("http://", "https://"))


async def test_a_closed_port_is_unreachable() -> None:
    egress = Egress(Networks("127.0.0.1:*"))
    with pytest.raises(Unreachable):
        await get(egress, "http://127.0.0.1:9/")
    await egress.close()


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection"])
async def test_a_header_of_the_connection_is_refused(name: str) -> None:
    async with serving(http("200 OK")) as server:
        with pytest.raises(Refused):
            await get(server.egress, server.url, headers={name: "1"})
    assert not server.heads


async def test_a_header_that_would_begin_another_line_is_refused() -> None:
    async with serving(http("200 OK")) as server:
        with pytest.raises(Refused):
            await get(server.egress, server.url, headers={"X-A": "1\r\nX-B: 2"})
    assert not server.heads


async def test_the_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with serving(http("200 OK")) as server:
        assert (await get(server.egress, server.url)).status == 200


async def test_an_error_names_neither_address_nor_name() -> None:
    egress = Egress(NOWHERE, lambda *_, **__: [(2, 1, 6, "", ("10.9.8.7", 80))])
    with pytest.raises(Refused) as refused:
        await get(egress, "http://secret.example/")
    assert "10.9" not in str(refused.value) and "secret" not in str(refused.value)
    await egress.close()


def test_the_api_starts_without_what_only_calls_need() -> None:
    look = "import sys; assert 'aiohttp' not in sys.modules"
    subprocess.run([sys.executable, "-c", f"import handlers.gateway.app; {look}"], check=True)
